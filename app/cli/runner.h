// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/cli/session.h"
#include "app/commandline.h"
#include "backend/operation/draft.h"

namespace vireo::app::cli {

/** `vireo run`: reads a draft, plans, shows the plan, runs it. Main thread. */
class Runner final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Runner)

public:
    Runner(const CommandLine &line, Session &session, QObject *parent = nullptr);

    /** `draft` is what readDraft() gave. finished() comes later. */
    void begin(const operation::Draft &draft);

Q_SIGNALS:
    void finished(vireo::app::cli::Exit exit);

private:
    void take(const Result<QList<job::Plan>> &plans);
    bool mayRun();
    void runNext();
    void end(Exit exit);

    const CommandLine m_line;
    Session &m_session;
    QString m_host;
    QList<job::Plan> m_plans;
    qsizetype m_next = 0;
    bool m_ended = false;
};

/** Reads the document, "-" from standard input. Blocks. Without a value it has said why. */
std::optional<operation::Draft> readDraft(const QString &file, Output &output);

} // namespace vireo::app::cli
