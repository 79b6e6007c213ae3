// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <expected>

#include <QString>

namespace vireo {

/**
 * Why something failed, as a value that may cross threads.
 *
 * `message` is a whole sentence: what failed, on which object, and why, with libvirt's own text unchanged.
 * `hint` says what the user can do, or is empty. `code` and `domain` are libvirt's numbers (virErrorNumber,
 * virErrorDomain), read on the thread that failed; both are 0 when the error is our own.
 */
struct Error {
    enum class Kind {
        Failed,      ///< libvirt or the system refused; see code and message
        NotFound,    ///< the object does not exist (any more)
        Unsupported, ///< this host can't do that
        Invalid,     ///< what was asked makes no sense; nothing was tried
        Cancelled,   ///< the user asked for it
        TimedOut,    ///< a deadline passed
        Disconnected ///< the connection broke; the outcome may be unknown
    };

    Kind kind = Kind::Failed;
    QString message;
    QString hint;
    int code = 0;
    int domain = 0;

    static Error invalid(const QString &message) { return {Kind::Invalid, message, {}, 0, 0}; }
    static Error failed(const QString &message) { return {Kind::Failed, message, {}, 0, 0}; }
    static Error cancelled();

    friend bool operator==(const Error &, const Error &) = default;
};

/** What a call gives back: a value, or why there is none. */
template<typename T = void>
using Result = std::expected<T, Error>;

/** Short for the failing side of a Result. */
inline std::unexpected<Error> fail(Error error)
{
    return std::unexpected<Error>(std::move(error));
}

} // namespace vireo
