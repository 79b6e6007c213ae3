// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QEventLoop>
#include <QFile>
#include <QRandomGenerator>

#include "tests/bench/figures.h"
#include "tests/system/createhost.h"

/// What the benchmarks of creation share. Failure ends the program.
namespace vireo::bench {

constexpr qint64 mib = 1024 * 1024;
constexpr qint64 gib = 1024 * mib;

inline void figure(const QString &what, double value, double limit, const QString &unit)
{
    out() << qSetFieldWidth(0) << "  " << what << ": " << QString::number(value, 'f', 2) << unit << ", limit "
          << QString::number(limit, 'f', 2) << unit << ", " << (value <= limit ? "ok" : "MISSED") << '\n';
    out().flush();
}

/** Runs a job without a polling wait, which would be measured. */
inline job::JobRecord runJob(job::JobManager &jobs, const job::Plan &plan)
{
    QEventLoop loop;
    job::JobId id;
    QObject::connect(&jobs, &job::JobManager::finished, &loop, [&](const job::JobId &finished) {
        if (finished == id) {
            loop.quit();
        }
    });
    id = jobs.run(plan);
    if (!jobs.job(id)->isFinished()) {
        loop.exec();
    }
    const job::JobRecord record = *jobs.job(id);
    if (record.state != job::JobState::Done) {
        qFatal("%s: %s", qPrintable(plan.title), test::CreateHost::text(record).constData());
    }
    return record;
}

/** An image of `size` bytes with `data` bytes of noise in pieces of 16 MiB all over it. */
inline QString makeImage(const QString &path, qint64 size, qint64 data)
{
    constexpr qint64 piece = 16 * mib;
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || !file.resize(size)) {
        qFatal("can't write %s", qPrintable(path));
    }
    QByteArray noise(piece, Qt::Uninitialized);
    auto *words = reinterpret_cast<quint32 *>(noise.data());
    const qint64 pieces = data / piece;
    for (qint64 i = 0; i < pieces; ++i) {
        QRandomGenerator::global()->fillRange(words, noise.size() / qsizetype(sizeof(quint32)));
        if (!file.seek(i * (size / pieces) / mib * mib) || file.write(noise) != noise.size()) {
            qFatal("can't write %s", qPrintable(path));
        }
    }
    file.close();
    return path;
}

} // namespace vireo::bench
