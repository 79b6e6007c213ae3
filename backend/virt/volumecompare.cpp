// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <thread>

#include <QCoreApplication>

#include "backend/virt/volumeparts.h"
#include "backend/virt/volumeside_p.h"

/** Two volumes, read side by side through this process. */
namespace vireo::virt::storage {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto reportPeriod = std::chrono::milliseconds(50);

struct CompareText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

/** A volume that is read in the order of its bytes. */
class Reader final
{
    Q_DISABLE_COPY_MOVE(Reader)

public:
    Reader(Connection &connection, const QString &name, const std::stop_token &stop)
        : m_side(connection, CompareText::tr("Can't read the volume “%1”").arg(name))
        , m_pipe(stop)
    {}
    ~Reader() { m_pipe.breakOff(); } // then the thread ends, at the latest when keep-alive gives the host up

    Result<> open(const QString &pool, const QString &name)
    {
        if (const Result<> found = m_side.find(pool, name); !found) {
            return found;
        }
        const auto length = m_side.length();
        bool sparse = true;
        auto stream = length ? openForReading(m_side, sparse) : fail(length.error());
        if (!stream) {
            return fail(stream.error());
        }
        m_length = *length;
        m_stream = std::move(*stream);
        m_thread = std::jthread([this, sparse] {
            m_pipe.close(readAll(m_side, m_stream.get(), sparse, Stretches(Stretches::Zeroes::AsHoles), m_pipe));
        });
        return {};
    }
    quint64 length() const { return m_length; }

    /** How many bytes can be had at once; 0: it is at its end. */
    Result<quint64> available()
    {
        while (m_at == m_now.length() && !m_ended) {
            auto next = m_pipe.take();
            if (!next) {
                return fail(next.error());
            }
            m_ended = !next->has_value();
            m_now = next->value_or(Stretch());
            m_at = 0;
        }
        return m_now.length() - m_at;
    }
    /** The next `count` available ones; empty: they are a hole. */
    QByteArrayView take(quint64 count)
    {
        const quint64 at = std::exchange(m_at, m_at + count);
        return m_now.hole > 0 ? QByteArrayView() : QByteArrayView(m_now.data).sliced(qsizetype(at), qsizetype(count));
    }

private:
    VolumeSide m_side;
    Pipe m_pipe;
    StreamHandle m_stream;
    quint64 m_length = 0;
    Stretch m_now;
    quint64 m_at = 0; ///< within m_now
    bool m_ended = false;
    std::jthread m_thread; // the last one: it uses the others
};

/** Where two stretches of one length differ first; -1: nowhere. An empty view is a hole. */
qsizetype firstDifference(QByteArrayView left, QByteArrayView right)
{
    if (left.isEmpty() || right.isEmpty()) {
        const QByteArrayView data = left.isEmpty() ? right : left;
        const auto found = std::ranges::find_if(data, [](char byte) { return byte != 0; });
        return found == data.end() ? -1 : found - data.begin();
    }
    const auto found = std::ranges::mismatch(left, right);
    return found.in1 == left.end() ? -1 : found.in1 - left.begin();
}

} // namespace

Result<std::optional<quint64>> compareVolumes(
    const VolumeAt &left, const VolumeAt &right, const Progress &progress, const std::stop_token &stop)
{
    Reader one(left.connection, left.name, stop);
    Reader other(right.connection, right.name, stop);
    if (const Result<> opened = one.open(left.pool, left.name); !opened) {
        return fail(opened.error());
    }
    if (const Result<> opened = other.open(right.pool, right.name); !opened) {
        return fail(opened.error());
    }
    const quint64 total = one.length();
    quint64 done = 0;
    Clock::time_point reported;
    for (;;) {
        const auto mine = one.available();
        const auto theirs = mine ? other.available() : mine;
        if (!theirs) {
            return fail(theirs.error());
        }
        const quint64 count = std::min(*mine, *theirs);
        if (count == 0) { // the longer one goes on, if any does
            return *mine == *theirs ? std::optional<quint64>() : std::optional(done);
        }
        if (const qsizetype at = firstDifference(one.take(count), other.take(count)); at >= 0) {
            return std::optional(done + quint64(at));
        }
        done += count;
        const auto now = Clock::now();
        if (progress && (now - reported >= reportPeriod || done >= total)) {
            reported = now;
            progress(done, std::max(done, total));
        }
    }
}

} // namespace vireo::virt::storage
