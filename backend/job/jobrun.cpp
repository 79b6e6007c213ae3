// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobrun.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <pthread.h>
#include <thread>

#include <QCoreApplication>
#include <QJsonArray>
#include <QLoggingCategory>
#include <QScopeGuard>

#include "backend/job/hostids.h"

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

Q_LOGGING_CATEGORY(journalLog, "vireo.journal", QtWarningMsg)

struct JobRunText {
    Q_DECLARE_TR_FUNCTIONS(JobRun)
};

/** What all steps without bytes weigh together, as a part of those with bytes. */
constexpr double shareOfSmallSteps = 0.05;
constexpr std::chrono::duration<double> speedSamplePeriod{0.25};
constexpr std::chrono::duration<double> speedTimeConstant{3.0};
constexpr int maxLogLines = 1000;

QString nameOf(const Step &step)
{
    return step.object.isEmpty() ? step.title : JobRunText::tr("%1: %2").arg(step.title, step.object);
}

} // namespace

Result<virt::ConnectionPtr> ConnectionGate::connection(const virt::HostId &host)
{
    const std::lock_guard lock(m_mutex);
    if (!m_provider) {
        return fail({Error::Kind::Disconnected,
            JobRunText::tr("The host can't be reached any more because Vireo is closing."), {}, 0, 0});
    }
    return m_provider(host);
}

void ConnectionGate::close()
{
    const std::lock_guard lock(m_mutex);
    m_provider = nullptr;
}

JobRun::JobRun(JobRecord record, std::shared_ptr<const StepRegistry> registry, std::shared_ptr<ConnectionGate> gate,
    Notify notify, JournalTask journal)
    : m_registry(std::move(registry))
    , m_gate(std::move(gate))
    , m_notify(std::move(notify))
    , m_plan(record.plan)
    , m_task(std::move(journal))
    , m_record(std::move(record))
{
    const double bytes = static_cast<double>(m_plan.bytes());
    const auto small =
        std::count_if(m_plan.steps.cbegin(), m_plan.steps.cend(), [](const Step &s) { return s.bytes == 0; });
    const double smallWeight = bytes > 0 && small > 0 ? bytes * shareOfSmallSteps / static_cast<double>(small) : 1.0;
    for (const Step &step : m_plan.steps) {
        m_weights.append(step.bytes > 0 ? static_cast<double>(step.bytes) : smallWeight);
        m_totalWeight += m_weights.last();
    }
}

void JobRun::start()
{
    std::thread thread([self = shared_from_this()] { self->execute(); });
    pthread_setname_np(thread.native_handle(), "vireo-job");
    thread.detach();
}

void JobRun::requestStop()
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_ended) {
            m_record.cancelRequested = true;
        }
    }
    m_stop.request_stop(); // runs the steps' stop callbacks here: never under the mutex
}

JobRecord JobRun::takeRecord()
{
    const std::lock_guard lock(m_mutex);
    m_progressPending = false;
    return m_record;
}

bool JobRun::waitUntilEnded(Clock::time_point deadline)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_until(lock, deadline, [this] { return m_ended; });
}

void JobRun::execute()
{
    if (m_task.journal && !openJournal()) {
        return;
    }
    int reached = m_reached;
    std::optional<Error> error;
    if (m_direction == Direction::Undo) {
        const std::lock_guard lock(m_mutex);
        error = m_record.error.message.isEmpty() ? Error::cancelled() : m_record.error;
    } else {
        error = runSteps(reached);
    }
    if (error) {
        {
            const std::lock_guard lock(m_mutex);
            m_record.state = JobState::Undoing;
            m_record.error = *error;
        }
        m_notify(News::State);
        if (!isLeftBehind()) {
            writeOrLog(journalformat::undoing(*error));
        }
        undoSteps(reached);
    }
    finish(error);
}

/** False: without a journal nothing is begun, and the job has ended. */
bool JobRun::openJournal()
{
    if (m_task.recovery) {
        const Result<> resumed = resume();
        if (!resumed) {
            m_journal.reset();
            endEarly(resumed.error(), JobState::Interrupted);
        }
        return resumed && !m_ended;
    }
    JobRecord record;
    {
        const std::lock_guard lock(m_mutex);
        record = m_record;
    }
    auto file = m_task.journal->create(record, m_task.hosts);
    if (!file) {
        endEarly(file.error(), JobState::Failed);
        return false;
    }
    m_journal = std::move(*file);
    return true;
}

/** Takes the job up where its journal, not our memory of it, says that it stands. */
Result<> JobRun::resume()
{
    auto opened = m_task.journal->open(m_record.id);
    if (!opened) {
        return fail(opened.error());
    }
    JournalEntry &entry = opened->entry;
    replaceHosts(entry.record, m_task.ids);
    if (entry.record.steps.size() != m_plan.steps.size()) {
        return fail(Error::failed(JobRunText::tr("The journal holds another plan than it did.")));
    }
    const bool possible = *m_task.recovery == Recovery::Finish ? entry.record.canFinish : entry.record.canUndo;
    {
        const std::lock_guard lock(m_mutex);
        const QStringList log = std::exchange(m_record.log, entry.record.log);
        m_record.steps = entry.record.steps;
        m_record.results = m_results = entry.record.results;
        m_record.error = entry.record.error;
        m_record.remains.clear();
        if (entry.ended && !possible) { // somebody else was faster
            m_record.state = entry.record.state;
            m_record.finished = entry.record.finished;
            m_record.remains = entry.record.remains;
            m_record.canFinish = m_record.canUndo = false;
            m_ended = true;
            m_changed.notify_all();
        }
    }
    if (m_ended) {
        m_notify(News::State);
        return {};
    }
    if (!possible) {
        return fail(Error::invalid(JobRunText::tr("The job was already being undone: that is all that can be done.")));
    }
    m_journal = std::move(opened->file);
    m_reached = entry.reached;
    m_undone = entry.undone;
    m_direction = *m_task.recovery == Recovery::Undo ? Direction::Undo : Direction::Run;
    return write(journalformat::resume(*m_task.recovery, m_task.hosts));
}

/** Ends a job that never came to its first step. */
void JobRun::endEarly(const Error &error, JobState state)
{
    {
        const std::lock_guard lock(m_mutex);
        m_record.state = state;
        m_record.error = error;
        if (state != JobState::Interrupted) {
            m_record.finished = QDateTime::currentDateTimeUtc();
        }
        m_ended = true;
        m_changed.notify_all();
    }
    m_notify(News::State);
}

Result<> JobRun::write(QJsonObject record)
{
    if (!m_journal) {
        return {};
    }
    QStringList lines;
    {
        const std::lock_guard lock(m_mutex);
        lines = std::exchange(m_unwritten, {});
    }
    if (!lines.isEmpty()) {
        record.insert(u"log"_s, QJsonArray::fromStringList(lines));
    }
    Result<> written = m_journal->append(record);
    if (!written) {
        const std::lock_guard lock(m_mutex);
        m_unwritten = lines + m_unwritten;
    }
    return written;
}

/** What has happened has happened, and undoing is better than not undoing: there the journal has no say. */
void JobRun::writeOrLog(const QJsonObject &record)
{
    if (const Result<> written = write(record); !written) {
        qCWarning(journalLog).noquote() << written.error().message;
        log(written.error().message);
    }
}

Result<> JobRun::note(Direction direction, const QString &key, const QJsonValue &value)
{
    if (direction == Direction::Undo) {
        writeOrLog(journalformat::note(key, value));
        return {};
    }
    return write(journalformat::note(key, value));
}

/** Runs the steps in order. On error `reached` is the last step that may have left something behind. */
std::optional<Error> JobRun::runSteps(int &reached)
{
    for (int i = 0; i < m_plan.steps.size(); ++i) {
        if (m_record.steps.at(i).state == StepState::Done) { // only this thread changes it
            continue;
        }
        // Once a step has noted that nothing can be taken back any more, what is left must be done all the same.
        if (m_stop.stop_requested() && !m_results.value("pastUndo"_L1).toBool()) {
            return Error::cancelled();
        }
        reached = i;
        if (const Result<> outcome = perform(i, Direction::Run); !outcome) {
            return outcome.error();
        }
    }
    return std::nullopt;
}

/**
 * Undoes `last` and all before it. What can't be taken back by nature (Error::Kind::Unsupported) is noted and passed
 * over. Any other failure ends it: the earlier steps made what the later ones stand on, and
 * taking that away (the disk of a domain that is still defined) would make it worse.
 */
void JobRun::undoSteps(int last)
{
    bool stuck = false;
    for (int i = last; i >= 0; --i) {
        const Step &step = m_plan.steps.at(i);
        const StepRegistry::Kind *kind = m_registry->find(step.type);
        if (!kind || !kind->undo || m_undone.contains(i)) {
            continue;
        }
        if (isLeftBehind()) {
            return;
        }
        if (stuck) {
            const std::lock_guard lock(m_mutex);
            m_record.remains.append(JobRunText::tr("%1: was not undone.").arg(nameOf(step)));
            continue;
        }
        const Result<> outcome = perform(i, Direction::Undo);
        if (outcome) {
            continue;
        }
        const std::lock_guard lock(m_mutex);
        m_record.remains.append(JobRunText::tr("%1: %2").arg(nameOf(step), outcome.error().message));
        stuck = outcome.error().kind != Error::Kind::Unsupported;
    }
}

/** The one way through which every step passes in either direction: intent before, outcome after. */
Result<> JobRun::perform(int index, Direction direction)
{
    const Result<> begun = begin(index, direction);
    Result<> outcome = begun ? call(index, direction) : begun;
    end(index, direction, outcome);
    return outcome;
}

/** What is about to happen, before it can have happened. On error nothing may happen. */
Result<> JobRun::begin(int index, Direction direction)
{
    {
        const std::lock_guard lock(m_mutex);
        m_record.currentStep = index;
        m_record.bytesPerSecond = 0;
        m_sampleTime.reset();
        m_sampleDone = 0;
        if (direction == Direction::Run) {
            JobRecord::StepRecord &step = m_record.steps[index];
            step.state = StepState::Running;
            step.started = QDateTime::currentDateTimeUtc();
            step.total = m_plan.steps.at(index).bytes;
        }
    }
    m_notify(News::State);
    if (isLeftBehind()) {
        return fail(Error::cancelled());
    }
    if (direction == Direction::Undo) {
        writeOrLog(journalformat::intent(index, direction));
        return {};
    }
    return write(journalformat::intent(index, direction));
}

/** What came of it. */
void JobRun::end(int index, Direction direction, const Result<> &outcome)
{
    const QString name = nameOf(m_plan.steps.at(index));
    if (!outcome) {
        log((direction == Direction::Run ? JobRunText::tr("%1: failed: %2")
                                         : JobRunText::tr("%1: could not be undone: %2"))
                .arg(name, outcome.error().message));
    } else {
        log((direction == Direction::Run ? JobRunText::tr("%1: done") : JobRunText::tr("%1: undone")).arg(name));
    }
    if (outcome || !isLeftBehind()) { // what failed because nobody helps any more did not really fail
        writeOrLog(journalformat::outcome(index, direction, outcome));
    }
    {
        const std::lock_guard lock(m_mutex);
        JobRecord::StepRecord &step = m_record.steps[index];
        step.finished = QDateTime::currentDateTimeUtc();
        if (direction == Direction::Run) {
            step.state = outcome ? StepState::Done : StepState::Failed;
            if (outcome && step.total > 0) {
                step.done = step.total;
            }
            m_record.fraction = std::max(m_record.fraction, fractionLocked());
        } else {
            // A step that failed stays "failed" when its remains were cleared away: that is what matters of it.
            if (!outcome) {
                step.state = StepState::UndoFailed;
            } else if (step.state == StepState::Done) {
                step.state = StepState::Undone;
            }
        }
        if (!outcome) {
            step.error = outcome.error().message;
        }
        m_record.bytesPerSecond = 0;
        m_record.results = m_results;
    }
    m_notify(News::State);
}

Result<> JobRun::call(int index, Direction direction)
{
    const Step &step = m_plan.steps.at(index);
    const StepRegistry::Kind *kind = m_registry->find(step.type);
    if (!kind || !kind->run) {
        return fail({Error::Kind::Unsupported,
            JobRunText::tr("This version of Vireo does not know the step \"%1\".").arg(step.type), {}, 0, 0});
    }
    // Undo is never cancelled half-way: it gets a token that nobody can use.
    const bool isRun = direction == Direction::Run;
    StepContext context(
        m_plan, [gate = m_gate](const virt::HostId &host) { return gate->connection(host); },
        isRun ? m_stop.get_token() : std::stop_token{}, m_results,
        [this, index, isRun](quint64 done, quint64 total) {
            if (isRun) {
                report(index, done, total);
            }
        },
        [this](const QString &line) { log(line); },
        [this, direction](const QString &key, const QJsonValue &value) { return note(direction, key, value); },
        [this, isRun](bool does) { setGoesOnAlone(does && isRun && m_journal); });
    const auto back = qScopeGuard([this] { setGoesOnAlone(false); });
    try {
        return isRun ? kind->run(step, context) : kind->undo(step, context);
    } catch (const std::exception &exception) {
        return fail(Error::failed(JobRunText::tr("Internal error: %1").arg(QString::fromLocal8Bit(exception.what()))));
    }
}

void JobRun::setGoesOnAlone(bool does)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_record.goesOnAlone == does) {
            return;
        }
        m_record.goesOnAlone = does;
    }
    m_notify(News::State);
}

void JobRun::finish(const std::optional<Error> &error)
{
    const bool stopped = m_stop.stop_requested();
    if (!error && stopped) {
        log(JobRunText::tr("Cancel came too late: everything was already done."));
    }
    // A person can also cancel inside of a step, by what it offers itself (a lever of a migration).
    const bool cancelled = stopped || (error && error->kind == Error::Kind::Cancelled);
    JobRecord record;
    {
        const std::lock_guard lock(m_mutex);
        record = m_record;
    }
    if (!error) {
        record.state = JobState::Done;
        record.fraction = 1;
    } else if (!record.remains.isEmpty()) {
        record.state = JobState::Stuck;
    } else {
        record.state = cancelled ? JobState::Cancelled : JobState::Failed;
    }
    if (!error || !isLeftBehind()) {
        writeOrLog(journalformat::end(record));
    }
    m_journal.reset(); // unlocked before anybody hears of the end
    {
        const std::lock_guard lock(m_mutex);
        m_record.state = record.state;
        m_record.fraction = record.fraction;
        m_record.currentStep = -1;
        m_record.bytesPerSecond = 0;
        m_record.finished = QDateTime::currentDateTimeUtc();
        m_record.canFinish = false;
        m_record.canUndo = m_task.journal && record.state == JobState::Stuck;
        m_ended = true;
        m_changed.notify_all();
    }
    m_notify(News::State);
}

void JobRun::report(int index, quint64 done, quint64 total)
{
    {
        const std::lock_guard lock(m_mutex);
        JobRecord::StepRecord &step = m_record.steps[index];
        if (step.state != StepState::Running) {
            return;
        }
        step.total = std::max(step.total, total);
        step.done = std::max(step.done, step.total > 0 ? std::min(done, step.total) : done);
        m_record.fraction = std::max(m_record.fraction, fractionLocked());
        updateSpeedLocked(step.done);
        if (m_progressPending) {
            return;
        }
        m_progressPending = true;
    }
    m_notify(News::Progress);
}

void JobRun::log(const QString &line)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_record.log.size() >= maxLogLines) {
            m_record.log.removeFirst();
        }
        m_record.log.append(line);
        if (m_task.journal) {
            m_unwritten.append(line);
        }
        if (m_progressPending) {
            return;
        }
        m_progressPending = true;
    }
    // A step may wait for minutes after what it said, with no other news.
    m_notify(News::Progress);
}

double JobRun::fractionLocked() const
{
    double sum = 0;
    for (int i = 0; i < m_record.steps.size(); ++i) {
        const JobRecord::StepRecord &step = m_record.steps.at(i);
        if (step.state == StepState::Done) {
            sum += m_weights.at(i);
        } else if (step.state == StepState::Running && step.total > 0) {
            sum += m_weights.at(i) * static_cast<double>(step.done) / static_cast<double>(step.total);
        }
    }
    return m_totalWeight > 0 ? std::clamp(sum / m_totalWeight, 0.0, 1.0) : 0;
}

/** Exponentially weighted by time, so that the period of the reports does not matter. */
void JobRun::updateSpeedLocked(quint64 done)
{
    const Clock::time_point now = Clock::now();
    if (!m_sampleTime) {
        m_sampleTime = now;
        m_sampleDone = done;
        return;
    }
    const std::chrono::duration<double> elapsed = now - *m_sampleTime;
    if (elapsed < speedSamplePeriod) {
        return;
    }
    const double rate = static_cast<double>(done - m_sampleDone) / elapsed.count();
    const double weight = 1 - std::exp(-elapsed / speedTimeConstant);
    double &speed = m_record.bytesPerSecond;
    speed = speed > 0 ? speed + weight * (rate - speed) : rate;
    m_sampleTime = now;
    m_sampleDone = done;
}

} // namespace vireo::job
