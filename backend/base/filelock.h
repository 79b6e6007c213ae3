// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QString>

#include "backend/base/error.h"

namespace vireo {

/**
 * A file that its holder has for itself, until it is destroyed or its process ends, however that ends. Belongs to the
 * object, not to the process: two parts of one process exclude each other as well. The file is made (mode 0600) when it
 * is not there. Movable; any thread; blocking: worker threads. Errors: the system's.
 */
class FileLock final
{
public:
    /** Waits for it: for what others hold for a moment. */
    static Result<FileLock> take(const QString &path);
    /** Nothing: another has it. */
    static Result<std::optional<FileLock>> tryTake(const QString &path);
    /** Asks without taking it, so that a look is in nobody's way. */
    static bool isHeld(const QString &path);

    FileLock(FileLock &&other) noexcept;
    FileLock &operator=(FileLock &&other) noexcept;
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;
    ~FileLock();

private:
    explicit FileLock(int fd)
        : m_fd(fd)
    {}

    int m_fd = -1;
};

} // namespace vireo
