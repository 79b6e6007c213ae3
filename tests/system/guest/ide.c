// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writes and reads IDE disks by programmed I/O, several sectors at a time.
#include "disk.h"
#include "guest.h"

enum { SectorSize = 512, Chunk = 16, WordsOfChunk = Chunk * SectorSize / 4, SectorsOfMebibyte = 2048 };
enum { Busy = 0x80, Ready = 0x40, Fault = 0x20, Request = 0x08, Failure = 0x01 };
enum { ReadMultiple = 0xc4, WriteMultiple = 0xc5, SetMultiple = 0xc6, FlushCache = 0xe7 };

struct Part
{
    uint32_t disk, at, size, pattern; // of the disk: sectors
};

static uint32_t buffer[WordsOfChunk];

static uint16_t base(uint32_t disk)
{
    return disk < 2 ? 0x1f0 : 0x170;
}

// Waits until the drive is not busy; whether it then shows all of `wanted` and no failure.
static int waitForDrive(uint32_t disk, uint8_t wanted)
{
    uint8_t status;
    do {
        status = in8((uint16_t)(base(disk) + 7));
        if (status == 0xff) // no controller
            return 0;
    } while (status & Busy);
    return (status & wanted) == wanted && !(status & (Failure | Fault));
}

static int command(uint32_t disk, uint32_t sector, uint32_t sectors, uint8_t what)
{
    const uint16_t io = base(disk);
    out8((uint16_t)(io + 6), (uint8_t)(0xe0 | (disk & 1) << 4 | (sector >> 24 & 15)));
    if (!waitForDrive(disk, 0) || !(in8((uint16_t)(io + 7)) & Ready))
        return 0;
    out8((uint16_t)(io + 0x206), 2); // no interrupts
    out8((uint16_t)(io + 2), (uint8_t)sectors);
    out8((uint16_t)(io + 3), (uint8_t)sector);
    out8((uint16_t)(io + 4), (uint8_t)(sector >> 8));
    out8((uint16_t)(io + 5), (uint8_t)(sector >> 16));
    out8((uint16_t)(io + 7), what);
    return 1;
}

static int writeChunk(uint32_t disk, uint32_t sector, uint32_t sectors)
{
    if (!command(disk, 0, Chunk, SetMultiple) || !waitForDrive(disk, Ready)
        || !command(disk, sector, sectors, WriteMultiple) || !waitForDrive(disk, Request))
        return 0;
    const void *from = buffer;
    uint32_t count = sectors * SectorSize / 4;
    __asm__ volatile("rep outsl" : "+S"(from), "+c"(count) : "d"(base(disk)) : "memory");
    return waitForDrive(disk, Ready);
}

static int readChunk(uint32_t disk, uint32_t sector, uint32_t sectors)
{
    if (!command(disk, 0, Chunk, SetMultiple) || !waitForDrive(disk, Ready)
        || !command(disk, sector, sectors, ReadMultiple) || !waitForDrive(disk, Request))
        return 0;
    void *to = buffer;
    uint32_t count = sectors * SectorSize / 4;
    __asm__ volatile("rep insl" : "+D"(to), "+c"(count) : "d"(base(disk)) : "memory");
    return waitForDrive(disk, Ready);
}

static int writePart(const struct Part *part, uint32_t from, uint32_t sectors)
{
    for (uint32_t done = 0; done < sectors;) {
        const uint32_t sector = part->at + from + done;
        const uint32_t now = sectors - done < Chunk ? sectors - done : Chunk;
        for (uint32_t i = 0; i < now * (SectorSize / 4); ++i)
            buffer[i] = guestWord(part->pattern, sector * (SectorSize / 4) + i);
        if (!writeChunk(part->disk, sector, now))
            return 0;
        done += now;
    }
    return 1;
}

static int sumPart(const struct Part *part, uint32_t *sum)
{
    *sum = 0;
    for (uint32_t done = 0; done < part->size; done += Chunk) {
        if (!readChunk(part->disk, part->at + done, Chunk))
            return 0;
        for (uint32_t i = 0; i < WordsOfChunk; ++i)
            *sum = guestSum(*sum, buffer[i]);
    }
    return 1;
}

static int readPart(const char **text, struct Part *part)
{
    if (!startsWith(text, "hd") || **text < 'a' || **text > 'd')
        return 0;
    part->disk = (uint32_t)(*(*text)++ - 'a');
    part->at = startsWith(text, ":") ? number(text) * SectorsOfMebibyte : 0;
    part->size = startsWith(text, ":") ? number(text) * SectorsOfMebibyte : 0;
    part->pattern = startsWith(text, ":") ? number(text) : 0;
    return part->size != 0;
}

static void putPart(const char *word, const struct Part *part)
{
    const char name[] = { 'h', 'd', (char)('a' + part->disk), 0 };
    put(word);
    put(name);
    put(":");
    putNumber(part->at / SectorsOfMebibyte);
    put(":");
    putNumber(part->size / SectorsOfMebibyte);
}

static struct Part logPart;
static uint32_t logged; // sectors
static int logging;

void goOnLogging(void)
{
    enum { Record = 8 };
    if (!logging || frozen || logged >= logPart.size)
        return;
    if (writePart(&logPart, logged, Record)) {
        logged += Record;
    } else {
        putPart("FAILED ", &logPart);
        put("\n");
        logging = 0;
    }
}

void putLogged(void)
{
    if (logging) {
        put(" logged=");
        putNumber(logged / 2);
    }
}

int diskOrder(const char *text)
{
    struct Part part;
    if (startsWith(&text, "write=")) {
        if (!readPart(&text, &part)) {
            put("FAILED write\n");
            return 1;
        }
        const int ok = writePart(&part, 0, part.size) && command(part.disk, 0, 0, FlushCache)
            && waitForDrive(part.disk, Ready);
        putPart(ok ? "WROTE " : "FAILED ", &part);
        put(":");
        putNumber(part.pattern);
        put("\n");
    } else if (startsWith(&text, "sum=")) {
        uint32_t sum = 0;
        const int ok = readPart(&text, &part) && sumPart(&part, &sum);
        if (!ok) {
            put("FAILED sum\n");
            return 1;
        }
        putPart("SUM ", &part);
        put("=");
        putNumber(sum);
        put("\n");
    } else if (startsWith(&text, "log=")) {
        logging = readPart(&text, &logPart);
        logged = 0;
        put(logging ? "LOGGING\n" : "LOGGING ENDED\n");
    } else {
        return 0;
    }
    return 1;
}
