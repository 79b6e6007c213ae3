// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// A guest agent that can freeze and thaw, over port 1 of a virtio-serial device (legacy interface, polled).
#include "guest.h"

enum { QueueCount = 6, MostEntries = 128, Page = 4096, BufferSize = 256, Buffers = 8 };
enum { ControlReceive = 2, ControlSend = 3, PortReceive = 4, PortSend = 5 };
enum { Features = 4, QueueAddress = 8, QueueSize = 12, QueueSelect = 14, QueueNotify = 16, Status = 18 };
enum { Acknowledge = 1, Driver = 2, DriverOk = 4, Multiport = 2, DeviceWrites = 2 };
enum { DeviceReady = 0, PortAdd = 1, PortReady = 3, PortOpen = 6 };

struct Descriptor
{
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

struct Available
{
    uint16_t flags, index, ring[MostEntries];
};

struct Used
{
    uint16_t flags, index;
    struct
    {
        uint32_t id, length;
    } ring[MostEntries];
};

struct Queue
{
    uint8_t memory[3 * Page] __attribute__((aligned(4096)));
    char buffers[Buffers][BufferSize];
    uint32_t size;
    volatile struct Descriptor *descriptors;
    volatile struct Available *available;
    volatile struct Used *used;
    uint16_t seen;
};

struct Control
{
    uint32_t port;
    uint16_t event, value;
} __attribute__((packed));

uint32_t frozen;
static enum { Well, Hang, Refuse, Dead } mood;
static uint16_t io; // 0: there is no such device
static struct Queue queues[QueueCount];

static void offer(uint16_t index, uint16_t id, uint32_t length, uint16_t flags)
{
    struct Queue *queue = &queues[index];
    queue->descriptors[id].address = (uint32_t)queue->buffers[id];
    queue->descriptors[id].length = length;
    queue->descriptors[id].flags = flags;
    queue->available->ring[queue->available->index % queue->size] = id;
    __asm__ volatile("" ::: "memory");
    queue->available->index = (uint16_t)(queue->available->index + 1);
    __asm__ volatile("lock addl $0,(%%esp)" ::: "memory");
    out16((uint16_t)(io + QueueNotify), index);
}

static int setUpQueue(uint16_t index)
{
    struct Queue *queue = &queues[index];
    out16((uint16_t)(io + QueueSelect), index);
    queue->size = in16((uint16_t)(io + QueueSize));
    if (!queue->size || queue->size > MostEntries)
        return 0;
    const uint32_t memory = (uint32_t)queue->memory;
    const uint32_t available = memory + queue->size * sizeof(struct Descriptor);
    const uint32_t end = available + 6 + 2 * queue->size;
    queue->descriptors = (volatile struct Descriptor *)memory;
    queue->available = (volatile struct Available *)available;
    queue->used = (volatile struct Used *)((end + Page - 1) & ~(uint32_t)(Page - 1));
    out32((uint16_t)(io + QueueAddress), memory / Page);
    return 1;
}

// What is sent is read by the device at once, while it is told of it: its buffers need no keeping account.
static void transmit(uint16_t index, const void *data, uint32_t length)
{
    struct Queue *queue = &queues[index];
    const uint16_t id = queue->available->index % Buffers;
    for (uint32_t i = 0; i < length; ++i)
        queue->buffers[id][i] = ((const char *)data)[i];
    offer(index, id, length, 0);
}

static void control(uint32_t port, uint16_t event, uint16_t value)
{
    const struct Control message = { port, event, value };
    transmit(ControlSend, &message, sizeof message);
}

void setUpAgent(void)
{
    for (uint32_t device = 0; device < 32 && !io; ++device) {
        if (pciRead(device, 0, 0) == 0x10031af4) {
            io = pciRead(device, 0, 0x10) & 0xfffc;
            out32(0xcf8, 0x80000004u | device << 11);
            out32(0xcfc, in32(0xcfc) | 5); // ports, bus master
        }
    }
    if (!io)
        return;
    out8((uint16_t)(io + Status), 0);
    out8((uint16_t)(io + Status), Acknowledge | Driver);
    out32((uint16_t)(io + Features), Multiport);
    for (uint16_t i = 0; i < QueueCount; ++i) {
        if (!setUpQueue(i)) {
            io = 0;
            return;
        }
    }
    out8((uint16_t)(io + Status), Acknowledge | Driver | DriverOk);
    for (uint16_t i = 0; i < Buffers; ++i) {
        offer(ControlReceive, i, BufferSize, DeviceWrites);
        offer(PortReceive, i, BufferSize, DeviceWrites);
    }
    control(0xffffffffu, DeviceReady, 1);
}

static int contains(const char *text, const char *word)
{
    for (; *text; ++text) {
        const char *p = text;
        if (startsWith(&p, word))
            return 1;
    }
    return 0;
}

static void answer(const char *text)
{
    uint32_t length = 0;
    while (text[length])
        ++length;
    transmit(PortSend, text, length);
}

static void answerSync(const char *line, int delimited)
{
    static char text[64] = "\xff{\"return\": ";
    uint32_t length = 12;
    const char *p = line;
    while (*p && !startsWith(&p, "\"id\":"))
        ++p;
    while (*p == ' ')
        ++p;
    while (*p >= '0' && *p <= '9' && length < sizeof text - 4)
        text[length++] = *p++;
    text[length++] = '}';
    text[length++] = '\n';
    text[length] = 0;
    answer(delimited ? text : text + 1);
}

static void obey(const char *line)
{
    if (mood == Dead)
        return;
    if (contains(line, "guest-sync")) {
        answerSync(line, contains(line, "delimited"));
    } else if (contains(line, "guest-fsfreeze-freeze")) {
        if (mood == Refuse) {
            answer("{\"error\": {\"class\": \"GenericError\", \"desc\": \"the guest does not want to freeze\"}}\n");
            return;
        }
        frozen = 1;
        put("AGENT FROZEN\n");
        if (mood != Hang)
            answer("{\"return\": 1}\n");
    } else if (contains(line, "guest-fsfreeze-thaw")) {
        frozen = 0;
        put("AGENT THAWED\n");
        answer("{\"return\": 1}\n");
    } else if (contains(line, "guest-fsfreeze-status")) {
        answer(frozen ? "{\"return\": \"frozen\"}\n" : "{\"return\": \"thawed\"}\n");
    } else if (contains(line, "guest-set-time")) {
        put("AGENT TIME SET\n");
        answer("{\"return\": {}}\n");
    } else {
        answer("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"this agent can't do that\"}}\n");
    }
}

static void hear(const char *data, uint32_t length)
{
    static char line[512];
    static uint32_t filled;
    for (uint32_t i = 0; i < length; ++i) {
        if (data[i] == '\n') {
            line[filled] = 0;
            filled = 0;
            obey(line);
        } else if ((uint8_t)data[i] != 0xff && filled < sizeof line - 1) {
            line[filled++] = data[i];
        }
    }
}

static void receive(uint16_t index)
{
    struct Queue *queue = &queues[index];
    while (queue->seen != queue->used->index) {
        const uint32_t at = queue->seen % queue->size;
        const uint16_t id = (uint16_t)queue->used->ring[at].id;
        const uint32_t length = queue->used->ring[at].length;
        if (index == PortReceive) {
            hear(queue->buffers[id], length);
        } else {
            const struct Control *message = (const struct Control *)queue->buffers[id];
            if (message->event == PortAdd) {
                control(message->port, PortReady, 1);
                if (message->port == 1)
                    control(1, PortOpen, 1);
            }
        }
        ++queue->seen;
        offer(index, id, BufferSize, DeviceWrites);
    }
}

void serveAgent(void)
{
    if (!io)
        return;
    receive(ControlReceive);
    receive(PortReceive);
}

int agentOrder(const char *text)
{
    if (!startsWith(&text, "agent="))
        return 0;
    mood = startsWith(&text, "hang") ? Hang : startsWith(&text, "refuse") ? Refuse : startsWith(&text, "dead") ? Dead : Well;
    put("AGENT OBEYS\n");
    return 1;
}
