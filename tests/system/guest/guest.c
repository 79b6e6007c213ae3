// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A guest without an operating system, for tests: boots in a fraction of a second in 8 MiB.
//
//   VIREO GUEST READY mem=<KiB>        once, on COM1 and on the screen
//   HB <n> t=<s>.<tenths> dirtied=<MiB>  every 200 ms: the guest runs, and went on rather than booted again
//   GUEST POWERBUTTON                  at ACPI shutdown, then it powers off (S5)
//
// Words of the kernel command line, or lines sent to COM1:
//   dirty=RATE:SIZE   write RATE MiB/s of memory, round and round over SIZE MiB; dirty=0 stops it
//   fill=SIZE         write to each page of SIZE MiB once ("FILLED <MiB>")
//   deaf              ignore the power button ("GUEST POWERBUTTON ignored")
//   eject, eject=N    release PCI devices that are to be unplugged (machine "pc"), at once or after N seconds; else never
//                     ("GUEST EJECTED <slot>")
//   off, reset        power off, reset
//   write=DISK:AT:SIZE:PATTERN  fill a part of an IDE disk (hda … hdd; MiB) with what disk.h says ("WROTE hda:1:2:3", or
//                     "FAILED …"), and flush it
//   sum=DISK:AT:SIZE  read it ("SUM hda:1:2=<checksum>"; disk.h has that too)
//   log=DISK:AT:SIZE:PATTERN  write the same bit by bit, 4 KiB in 10 ms, as a program that goes on; heartbeats end with
//                     " logged=<KiB>" while it does, and it stands still while the agent has frozen it; log=0 stops it
//
// A virtio-serial port (machine "pc") makes it a guest with an agent that can freeze and thaw:
//   agent=hang        freeze without an answer; agent=refuse: answer freezing with an error; agent=dead: answer nothing;
//                     agent=well: as at first ("AGENT FROZEN", "AGENT THAWED" each time, "AGENT TIME SET")
#include <stdint.h>

#include "disk.h"
#include "guest.h"

// "No such place" warnings are about address 0xb8000 and friends: there is hardware.
enum { Com1 = 0x3f8, Columns = 80, Rows = 25, TicksPerSecond = 100, PageSize = 4096 };
enum { WorkArea = 0x400000 }; // memory from here on is dirtied

extern void waitForTick(void), forgetTranslations(void), onTimer(void), onOther(void);
extern volatile uint32_t ticks;
volatile uint32_t ticks;

// ---- output: COM1, and the VGA text screen

static uint32_t row, column;

static void screenChar(char c)
{
    volatile uint16_t *screen = (volatile uint16_t *)0xb8000;
    if (c == '\n' || column == Columns) {
        column = 0;
        if (++row == Rows)
            row = 0;
        for (uint32_t i = 0; i < Columns; ++i)
            screen[row * Columns + i] = 0x0720;
    }
    if (c >= ' ')
        screen[row * Columns + column++] = (uint16_t)(0x0a00 | (uint8_t)c);
}

static void serialChar(char c)
{
    // a port that nobody reads must not stop the guest
    for (int i = 0; i < 10000 && !(in8(Com1 + 5) & 0x20); ++i) { }
    out8(Com1, (uint8_t)c);
}

void put(const char *text)
{
    for (; *text; ++text) {
        if (*text == '\n')
            serialChar('\r');
        serialChar(*text);
        screenChar(*text);
    }
}

void putNumber(uint32_t value)
{
    char digits[11];
    char *p = digits + sizeof digits - 1;
    *p = 0;
    do {
        *--p = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    put(p);
}

// ---- machine: segments, interrupts, timer, ACPI

struct Pointer
{
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

struct Gate
{
    uint16_t low, selector;
    uint8_t zero, type;
    uint16_t high;
} __attribute__((packed));

static const uint64_t segments[] = { 0, 0x00cf9b000000ffffull, 0x00cf93000000ffffull };
static struct Gate gates[256];

static void setUpInterrupts(void)
{
    const struct Pointer gdt = { sizeof segments - 1, (uint32_t)segments };
    __asm__ volatile("lgdt %0; ljmp $8,$1f; 1: mov $16,%%eax; mov %%eax,%%ds; mov %%eax,%%es; mov %%eax,%%ss"
                     ::"m"(gdt) : "eax", "memory");
    for (int i = 0; i < 256; ++i) {
        const uint32_t handler = (uint32_t)(i == 32 ? onTimer : onOther);
        gates[i] = (struct Gate){ (uint16_t)handler, 8, 0, 0x8e, (uint16_t)(handler >> 16) };
    }
    const struct Pointer idt = { sizeof gates - 1, (uint32_t)gates };
    __asm__ volatile("lidt %0" ::"m"(idt) : "memory");

    static const uint8_t controllers[][2] = { // both 8259: vectors from 32 on, all masked but the timer
        { 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 32 }, { 0xa1, 40 },   { 0x21, 4 },
        { 0xa1, 2 },    { 0x21, 1 },    { 0xa1, 1 },  { 0x21, 0xfe }, { 0xa1, 0xff },
    };
    for (unsigned i = 0; i < sizeof controllers / sizeof controllers[0]; ++i)
        out8(controllers[i][0], controllers[i][1]);
    const uint16_t divisor = 1193182 / TicksPerSecond;
    out8(0x43, 0x34);
    out8(0x40, divisor & 0xff);
    out8(0x40, divisor >> 8);
}

static void setUpSerial(void)
{
    static const uint8_t setup[][2] = { { 1, 0 }, { 3, 0x80 }, { 0, 1 }, { 1, 0 }, { 3, 3 }, { 2, 7 }, { 4, 3 } };
    for (unsigned i = 0; i < sizeof setup / sizeof setup[0]; ++i)
        out8((uint16_t)(Com1 + setup[i][0]), setup[i][1]);
}

static uint16_t powerPort; // ACPI PM1a event block; control at +4

uint32_t pciRead(uint32_t device, uint32_t function, uint32_t offset)
{
    out32(0xcf8, 0x80000000u | device << 11 | function << 8 | offset);
    return in32(0xcfc);
}

static void setUpPower(void)
{
    powerPort = 0x600; // where SeaBIOS puts it
    if (pciRead(31, 0, 0) == 0x29188086) // q35: ICH9
        powerPort = pciRead(31, 0, 0x40) & 0xff80;
    else if (pciRead(1, 3, 0) == 0x71138086) // pc: PIIX4
        powerPort = pciRead(1, 3, 0x40) & 0xffc0;
    out16(powerPort, 0xffff);
    out16(powerPort + 2, 0x0100);
}

static void powerOff(void)
{
    out16(powerPort + 4, 0x2000);
}

// ---- ACPI's PCI hot-plug registers as QEMU's machine "pc" has them (its docs/specs/acpi_pci_hotplug)

enum { RemovalRequests = 0xae04, Eject = 0xae08, BusSelect = 0xae10, Slots = 32 };

static uint32_t ejects, ejectDelay; // in ticks
static uint32_t requested, requestedAt;

static void releaseDevices(uint32_t now)
{
    out32(BusSelect, 0);
    const uint32_t wanted = in32(RemovalRequests);
    if (wanted != requested) {
        requested = wanted;
        requestedAt = now;
    }
    if (!wanted || now - requestedAt < ejectDelay)
        return;
    for (uint32_t slot = 0; slot < Slots; ++slot) {
        if (wanted & 1u << slot) {
            out32(Eject, 1u << slot);
            put("GUEST EJECTED ");
            putNumber(slot);
            put("\n");
        }
    }
    requested = 0;
}

// ---- orders

static uint32_t memoryTop, dirtyRate, dirtyPages, dirtyNext, deaf;

uint32_t number(const char **text)
{
    uint32_t value = 0;
    while (**text >= '0' && **text <= '9')
        value = value * 10 + (uint32_t)(*(*text)++ - '0');
    return value;
}

int startsWith(const char **text, const char *word)
{
    const char *p = *text;
    for (; *word; ++word, ++p) {
        if (*p != *word)
            return 0;
    }
    *text = p;
    return 1;
}

static uint32_t pagesOf(uint32_t mebibytes)
{
    const uint32_t most = (memoryTop - WorkArea) / PageSize;
    return !mebibytes || mebibytes > most / 256 ? most : mebibytes * 256;
}

static volatile uint32_t *page(uint32_t index)
{
    return (volatile uint32_t *)(WorkArea + index * PageSize);
}

static void order(const char *text)
{
    if (startsWith(&text, "dirty=")) {
        dirtyRate = number(&text);
        dirtyPages = pagesOf(startsWith(&text, ":") ? number(&text) : 0);
        dirtyNext = 0;
        put("DIRTY ");
        putNumber(dirtyRate);
        put(" MiB/s over ");
        putNumber(dirtyPages / 256);
        put("\n");
    } else if (startsWith(&text, "fill=")) {
        const uint32_t pages = pagesOf(number(&text));
        for (uint32_t i = 0; i < pages; ++i)
            *page(i) = i * 2654435761u + 1;
        put("FILLED ");
        putNumber(pages / 256);
        put("\n");
    } else if (startsWith(&text, "deaf")) {
        deaf = 1;
    } else if (startsWith(&text, "eject")) {
        ejects = 1;
        ejectDelay = startsWith(&text, "=") ? number(&text) * TicksPerSecond : 0;
    } else if (diskOrder(text) || agentOrder(text)) {
    } else if (startsWith(&text, "off")) {
        powerOff();
    } else if (startsWith(&text, "reset")) {
        out8(0xcf9, 6);
    }
}

static void orders(const char *line)
{
    while (*line) {
        order(line);
        while (*line && *line != ' ')
            ++line;
        while (*line == ' ')
            ++line;
    }
}

static void readOrders(void)
{
    static char line[80];
    static uint32_t length;
    while (in8(Com1 + 5) & 1) {
        const char c = (char)in8(Com1);
        if (c == '\r' || c == '\n') {
            line[length] = 0;
            length = 0;
            orders(line);
        } else if (length < sizeof line - 1) {
            line[length++] = c;
        }
    }
}

static uint32_t dirtyMemory(uint32_t elapsed)
{
    static uint32_t due;
    due += elapsed * dirtyRate * 256;
    const uint32_t pages = due / TicksPerSecond;
    due %= TicksPerSecond;
    for (uint32_t i = 0; i < pages; ++i) {
        *page(dirtyNext) += 1;
        if (++dirtyNext >= dirtyPages)
            dirtyNext = 0;
    }
    return pages;
}

void guestMain(uint32_t magic, const uint32_t *information)
{
    const char *commandLine = "";
    memoryTop = 0x800000;
    if (magic == 0x2BADB002) {
        if (information[0] & 1)
            memoryTop = 0x100000 + information[2] * 1024;
        if (information[0] & 4)
            commandLine = (const char *)information[4];
    }
    setUpInterrupts();
    setUpSerial();
    setUpPower();

    volatile uint16_t *screen = (volatile uint16_t *)0xb8000;
    for (uint32_t i = 0; i < Columns * Rows; ++i)
        screen[i] = 0x0720;
    setUpAgent();
    put("VIREO GUEST READY mem=");
    putNumber(memoryTop / 1024);
    put("\n");
    orders(commandLine);

    uint32_t before = ticks, beat = 0, beats = 0, dirtied = 0;
    for (;;) {
        waitForTick();
        const uint32_t now = ticks;
        const uint32_t elapsed = now - before > 10 ? 10 : now - before; // after a pause, do not catch up
        before = now;
        if (ejects)
            releaseDevices(now);
        if (dirtyRate)
            dirtied += dirtyMemory(elapsed);
        if (now - beat >= TicksPerSecond / 5) {
            beat = now;
            put("HB ");
            forgetTranslations(); // what must not be lost is written right after
            putNumber(++beats);
            put(" t=");
            putNumber(now / TicksPerSecond);
            put(".");
            putNumber(now / (TicksPerSecond / 10) % 10);
            put(" dirtied=");
            putNumber(dirtied / 256);
            putLogged();
            put("\n");
        }
        readOrders();
        serveAgent();
        goOnLogging();
        if (in16(powerPort) & 0x100) {
            out16(powerPort, 0x100);
            put(deaf ? "GUEST POWERBUTTON ignored\n" : "GUEST POWERBUTTON\n");
            if (!deaf)
                powerOff();
        }
    }
}
