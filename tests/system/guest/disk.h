// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the test guest writes to its disks. C and C++: the guest writes it, tests expect it.
#pragma once

#include <stdint.h>

// The 32-bit word (little-endian) with that number, counted from the disk's beginning. Pattern 0: zeros.
static inline uint32_t guestWord(uint32_t pattern, uint32_t index)
{
    if (!pattern) {
        return 0;
    }
    uint32_t x = pattern * 0x9e3779b1u + index * 0x85ebca77u;
    x ^= x >> 15;
    x *= 0xc2b2ae3du;
    return x ^ x >> 13;
}

// Goes on with a checksum (at first 0) by one word.
static inline uint32_t guestSum(uint32_t sum, uint32_t word)
{
    return (sum ^ word) * 0x01000193u + 0x9e3779b1u;
}
