// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the guest's parts give each other. guest.c says what the guest does.
#pragma once

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0,%1" ::"a"(value), "Nd"(port));
}
static inline void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0,%1" ::"a"(value), "Nd"(port));
}
static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0,%1" ::"a"(value), "Nd"(port));
}
static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline uint16_t in16(uint16_t port)
{
    uint16_t value;
    __asm__ volatile("inw %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline uint32_t in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1,%0" : "=a"(value) : "Nd"(port));
    return value;
}

// guest.c
void put(const char *text);
void putNumber(uint32_t value);
uint32_t pciRead(uint32_t device, uint32_t function, uint32_t offset);
uint32_t number(const char **text);                  // reads digits
int startsWith(const char **text, const char *word); // goes past the word

// ide.c
int diskOrder(const char *text); // whether it was one
void goOnLogging(void);
void putLogged(void);

// agent.c
extern uint32_t frozen;
void setUpAgent(void);
void serveAgent(void);
int agentOrder(const char *text);
