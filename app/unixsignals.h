// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace vireo::app {

/** SIGTERM, SIGINT and SIGHUP as a Qt signal, so that the program ends in order. One per process; main thread. */
class UnixSignals final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(UnixSignals)

public:
    enum class Second {
        Ends, ///< ends the program at once, even if the orderly end takes long
        Tells ///< is told like the first
    };
    explicit UnixSignals(Second second = Second::Ends, QObject *parent = nullptr);
    /** Gives the signals their usual meaning back. */
    ~UnixSignals() override;

Q_SIGNALS:
    void endRequested();
};

} // namespace vireo::app
