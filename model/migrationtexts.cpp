// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/migrationtexts.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>

#include "model/format.h"

namespace vireo::model {

using namespace Qt::StringLiterals;
using migration::Diagnosis;
using migration::Phase;
using operation::MigrationPicture;

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(model_MigrationTexts)
};

/** Below ten seconds a tenth counts: "0.9 s". */
QString pauseText(qint64 ms)
{
    if (ms >= 10'000) {
        return formatDuration(ms);
    }
    return Text::tr("%1 s").arg(QLocale().toString(static_cast<double>(std::max<qint64>(ms, 100)) / 1000, 'f', 1));
}

quint64 dirtyRate(const MigrationPicture &picture)
{
    const auto &samples = picture.history.samples();
    return samples.isEmpty() ? picture.history.figures().dirtyRate() : samples.last().dirtyBytesPerSecond;
}

quint64 memoryLeft(const MigrationPicture &picture)
{
    const auto &samples = picture.history.samples();
    return samples.isEmpty() ? picture.history.figures().memoryRemaining : samples.last().memoryRemaining;
}

quint64 disksLeft(const MigrationPicture &picture)
{
    const auto &samples = picture.history.samples();
    return samples.isEmpty() ? picture.history.figures().diskRemaining : samples.last().diskRemaining;
}

/** The least that any round has left; only at a round's end the figure is exact. */
std::optional<quint64> bestRound(const MigrationPicture &picture)
{
    std::optional<quint64> best;
    for (const migration::Round &round : picture.history.rounds()) {
        if (round.endedMs >= 0 && (!best || round.remaining < *best)) {
            best = round.remaining;
        }
    }
    return best;
}

bool guestStandsStill(Phase phase)
{
    return phase == Phase::SwitchingOver || phase == Phase::Finishing;
}

} // namespace

QString phaseLabel(Phase phase)
{
    switch (phase) {
    case Phase::Preparing:
        return Text::tr("Preparing", "time axis");
    case Phase::CopyingDisks:
        return Text::tr("Disks", "time axis: disks are being copied");
    case Phase::CopyingMemory:
        return Text::tr("Memory", "time axis: memory is being copied");
    case Phase::SwitchingOver:
        return Text::tr("Switch-over", "time axis");
    case Phase::PostCopy:
        return Text::tr("Post-copy", "time axis");
    case Phase::Finishing:
        return Text::tr("Finishing", "time axis");
    case Phase::Done:
        return Text::tr("Migrated", "time axis");
    case Phase::Failed:
        return Text::tr("Not migrated", "time axis");
    case Phase::NeedsHelp:
        return Text::tr("Waits", "time axis: for a person's decision");
    }
    return {};
}

bool isOver(Phase phase)
{
    return phase == Phase::Done || phase == Phase::Failed;
}

QString durationRange(const migration::Range &range)
{
    if (range.low < 0 || range.high < 0) {
        return {};
    }
    // To the second: what is more exact than the estimate only flickers.
    const qint64 low = std::max<qint64>(range.low / 1000, 1);
    const qint64 high = std::max<qint64>((range.high + 999) / 1000, low);
    if (low == high) {
        return formatDuration(low * 1000);
    }
    return high < 60 ? Text::tr("%1 to %2 s").arg(low).arg(high)
                     : Text::tr("%1 to %2").arg(formatDuration(low * 1000), formatDuration(high * 1000));
}

QString timeLeftText(const MigrationPicture &picture)
{
    const Phase phase = picture.history.phase();
    if (isOver(phase) || phase == Phase::NeedsHelp) {
        return {};
    }
    const QString range = durationRange(picture.history.remainingMs());
    if (!range.isEmpty()) {
        return Text::tr("About %1 left").arg(range);
    }
    const quint64 dirty = dirtyRate(picture);
    if (phase == Phase::CopyingMemory && dirty > 0 && picture.history.bandwidth() > 0
        && dirty >= picture.history.bandwidth() && picture.history.rounds().size() > 1) {
        return Text::tr("Does not get ahead: the guest writes as fast as memory is sent");
    }
    return phase == Phase::Preparing ? Text::tr("Nothing is sent yet")
                                     : Text::tr("How long it takes can't be said yet");
}

QString remainingText(const MigrationPicture &picture)
{
    if (isOver(picture.history.phase()) || picture.history.samples().isEmpty()) {
        return {};
    }
    const quint64 disks = disksLeft(picture);
    const QString memory = formatBytes(memoryLeft(picture));
    return disks > 0 ? Text::tr("%1 of memory and %2 of disks left").arg(memory, formatBytes(disks))
                     : Text::tr("%1 of memory left").arg(memory);
}

QString figuresText(const MigrationPicture &picture)
{
    const auto &samples = picture.history.samples();
    if (samples.isEmpty()) {
        return {};
    }
    const migration::Sample &last = samples.last();
    QStringList texts{migration::phaseText(picture.history)};
    texts.append(Text::tr("%1 of memory left").arg(formatBytes(last.memoryRemaining)));
    if (last.diskRemaining > 0) {
        texts.append(Text::tr("%1 of disks left").arg(formatBytes(last.diskRemaining)));
    }
    if (last.threshold > 0) {
        texts.append(Text::tr("switches over below %1").arg(formatBytes(last.threshold)));
    }
    texts.append(Text::tr("sends %1").arg(formatRate(static_cast<double>(last.bytesPerSecond))));
    texts.append(Text::tr("the guest writes %1").arg(formatRate(static_cast<double>(last.dirtyBytesPerSecond))));
    if (last.throttlePercent > 0) {
        texts.append(Text::tr("the guest is slowed down by %1 %").arg(last.throttlePercent));
    }
    return texts.join(u", "_s);
}

QString leverRefusal(const MigrationPicture &picture, MigrationLever lever)
{
    const Phase phase = picture.history.phase();
    if (isOver(phase)) {
        return Text::tr("The migration has ended.");
    }
    if (!picture.listens()) {
        return Text::tr("Another program drives this migration; here it can only be watched.");
    }
    if (phase == Phase::NeedsHelp) {
        return Text::tr("The migration has stopped and waits for a decision.");
    }
    const bool postCopy = picture.inPostCopy || phase == Phase::PostCopy;
    switch (lever) {
    case MigrationLever::Bandwidth:
    case MigrationLever::Policy:
        break;
    case MigrationLever::Downtime:
        if (postCopy) {
            return Text::tr("The guest runs at the destination already: it has no limit to reach any more.");
        }
        break;
    case MigrationLever::PostCopy:
        if (postCopy) {
            return Text::tr("It is in post-copy already.");
        }
        if (!picture.canPostCopy) {
            return Text::tr("Post-copy was not permitted when the migration was started.");
        }
        if (phase == Phase::Preparing || phase == Phase::CopyingDisks) {
            return Text::tr("Memory must be on its way first.");
        }
        break;
    case MigrationLever::Pause:
        if (postCopy) {
            return Text::tr("The guest runs at the destination already.");
        }
        break;
    case MigrationLever::Abort:
        if (postCopy) {
            return Text::tr("In post-copy neither host has all of the guest's memory: nothing can be taken back.");
        }
        break;
    }
    if (guestStandsStill(phase)) {
        return Text::tr("It is switching over at this moment.");
    }
    return {};
}

QString bandwidthConsequence(const MigrationPicture &picture, quint64 bytesPerSecond)
{
    if (bytesPerSecond == 0) {
        return Text::tr("No limit: as fast as the link and the hosts allow. Other traffic on the link may slow down.");
    }
    const quint64 dirty = dirtyRate(picture);
    const QString rate = formatRate(static_cast<double>(bytesPerSecond));
    if (dirty > 0 && bytesPerSecond <= dirty && !picture.inPostCopy) {
        return Text::tr("%1 is no more than the guest writes (%2): it would not end by itself.")
            .arg(rate, formatRate(static_cast<double>(dirty)));
    }
    const quint64 left = memoryLeft(picture) + disksLeft(picture);
    if (left == 0) {
        return Text::tr("At most %1.").arg(rate);
    }
    const qint64 ms = static_cast<qint64>(static_cast<double>(left) / static_cast<double>(bytesPerSecond) * 1000);
    return Text::tr("At most %1: what is left now (%2) takes at least %3.")
        .arg(rate, formatBytes(left), formatDuration(std::max<qint64>(ms, 1000)));
}

QString downtimeConsequence(const MigrationPicture &picture, quint64 ms)
{
    const quint64 bandwidth = picture.history.bandwidth();
    QString pause = Text::tr("The guest may stand still for up to %1.").arg(pauseText(static_cast<qint64>(ms)));
    if (bandwidth == 0) {
        return pause;
    }
    const auto reach = static_cast<quint64>(static_cast<double>(bandwidth) * static_cast<double>(ms) / 1000);
    const auto best = bestRound(picture);
    if (!best) {
        return Text::tr("%1 It switches over once no more than %2 is left.").arg(pause, formatBytes(reach));
    }
    if (*best <= reach) {
        return Text::tr("%1 It switches over once no more than %2 is left; the best round left %3: that would do.")
            .arg(pause, formatBytes(reach), formatBytes(*best));
    }
    const auto needed =
        static_cast<qint64>(std::ceil(static_cast<double>(*best) / static_cast<double>(bandwidth) * 10) * 100);
    return Text::tr("%1 It switches over once no more than %2 is left; the best round left %3, which needs %4.")
        .arg(pause, formatBytes(reach), formatBytes(*best), pauseText(needed));
}

QString postCopyConsequence(const MigrationPicture &picture)
{
    const quint64 left = memoryLeft(picture);
    const quint64 bandwidth = picture.history.bandwidth();
    QString text = Text::tr("The guest runs on at the destination at once and fetches the rest of its memory (%1) when "
                            "it needs it: it is slower until then.")
                       .arg(formatBytes(left));
    if (left > 0 && bandwidth > 0) {
        const double seconds = static_cast<double>(left) / static_cast<double>(bandwidth);
        text = Text::tr("%1 That takes about %2.")
                   .arg(text, formatDuration(std::max<qint64>(static_cast<qint64>(seconds) * 1000, 1000)));
    }
    return Text::tr("%1 From then on it can't be aborted, and if the link or a host fails the guest is stopped until "
                    "the migration is resumed, or is lost.")
        .arg(text);
}

qint64 expectedPauseMs(const MigrationPicture &picture)
{
    const quint64 bandwidth = picture.history.bandwidth();
    const quint64 left = memoryLeft(picture) + disksLeft(picture);
    if (bandwidth == 0) {
        return -1;
    }
    return static_cast<qint64>(std::ceil(static_cast<double>(left) / static_cast<double>(bandwidth) * 1000));
}

QString pauseConsequence(const MigrationPicture &picture)
{
    const qint64 ms = expectedPauseMs(picture);
    if (ms < 0) {
        return Text::tr("The guest will stand still until all is copied. How long that takes can't be said yet.");
    }
    return Text::tr("The guest will stand still for about %1: %2 are left, at %3. It runs on at the destination.")
        .arg(pauseText(ms), formatBytes(memoryLeft(picture) + disksLeft(picture)),
            formatRate(static_cast<double>(picture.history.bandwidth())));
}

QString abortConsequence(const MigrationPicture &picture)
{
    const QString stays = Text::tr("The guest stays where it is and runs on.");
    return disksLeft(picture) > 0 || picture.history.figures().diskTotal > 0
        ? Text::tr("%1 What was copied to the destination, its disks included, is deleted there.").arg(stays)
        : Text::tr("%1 What was copied to the destination is dropped.").arg(stays);
}

QString resultSentence(const MigrationPicture &picture)
{
    switch (picture.history.phase()) {
    case Phase::Done:
        return picture.destinationName.isEmpty()
            ? Text::tr("%1 was migrated.").arg(picture.domainName)
            : Text::tr("%1 was migrated to %2.").arg(picture.domainName, picture.destinationName);
    case Phase::Failed:
        if (!picture.diagnosis.text.isEmpty()) {
            return picture.diagnosis.text;
        }
        return Text::tr("%1 was not migrated. It is where it was.").arg(picture.domainName);
    case Phase::NeedsHelp:
        return picture.diagnosis.text;
    default:
        return {};
    }
}

QList<MigrationResult> resultLines(const MigrationPicture &picture)
{
    QList<MigrationResult> lines;
    const auto add = [&lines](const QString &label, const QString &value) {
        if (!value.isEmpty()) {
            lines.append({label, value});
        }
    };
    const auto &samples = picture.history.samples();
    const virt::migration::Figures figures = picture.completed.value_or(picture.history.figures());
    quint64 total = figures.elapsedMs;
    if (total == 0 && !samples.isEmpty()) {
        total = static_cast<quint64>(samples.last().atMs - samples.first().atMs);
    }
    add(Text::tr("Total time"), total > 0 ? formatDuration(static_cast<qint64>(total)) : QString());
    if (picture.history.phase() == Phase::Done) {
        QString pause;
        if (picture.completed && figures.downtimeMs > 0) {
            pause = figures.downtimeNetMs > 0 ? Text::tr("%1, of which the network took no more than %2")
                                                    .arg(formatDuration(static_cast<qint64>(figures.downtimeMs)),
                                                        formatDuration(static_cast<qint64>(figures.downtimeNetMs)))
                                              : formatDuration(static_cast<qint64>(figures.downtimeMs));
        }
        add(Text::tr("The guest stood still"), pause);
    }
    const quint64 memory = figures.memoryProcessed;
    const quint64 disks = figures.diskProcessed;
    QString bytes = formatBytes(memory > 0 || disks > 0 ? memory + disks : figures.dataProcessed);
    if (memory > 0 && disks > 0) {
        bytes = Text::tr("%1 (memory %2, disks %3)").arg(bytes, formatBytes(memory), formatBytes(disks));
    }
    add(Text::tr("Sent"), bytes);
    const quint64 rounds = std::max<quint64>(picture.history.round(), figures.iteration);
    add(Text::tr("Rounds over memory"), rounds > 0 ? QString::number(rounds) : QString());
    add(Text::tr("Policy"), picture.isOurs ? migration::policyName(picture.policy.kind) : QString());
    add(Text::tr("It did last"), picture.lastAction);
    return lines;
}

QString remedyName(Diagnosis::Remedy remedy)
{
    switch (remedy) {
    case Diagnosis::Remedy::None:
    case Diagnosis::Remedy::Wait:
        return {};
    case Diagnosis::Remedy::ResumePostCopy:
        return Text::tr("Resume the Migration");
    case Diagnosis::Remedy::ResumeSource:
        return Text::tr("Resume at the Source");
    case Diagnosis::Remedy::ResumeDestination:
        return Text::tr("Resume at the Destination");
    case Diagnosis::Remedy::EndSource:
        return Text::tr("End the Leftover at the Source");
    case Diagnosis::Remedy::StartSource:
        return Text::tr("Start from the Source's Disks");
    }
    return {};
}

QString sideText(const migration::Side &side)
{
    if (!side.asked) {
        return Text::tr("Does not answer");
    }
    if (!side.exists) {
        return Text::tr("Nothing of this VM");
    }
    QString state = virt::stateText(side.state);
    const QString reason = virt::reasonText(side.state, side.reason);
    if (!state.isEmpty()) {
        state[0] = state.at(0).toUpper();
    }
    return reason.isEmpty() ? state : Text::tr("%1 (%2)", "state and reason").arg(state, reason);
}

QStringList sideDetails(const migration::Side &side)
{
    if (!side.asked) {
        return {Text::tr("What it has is not known.")};
    }
    if (!side.exists) {
        return {Text::tr("Neither running nor defined there.")};
    }
    QStringList details{side.persistent ? Text::tr("Its definition is stored there.")
                                        : Text::tr("Its definition is not stored there.")};
    using Type = virt::migration::Figures::Type;
    using Operation = virt::migration::Figures::Operation;
    if (side.job == Type::Bounded || side.job == Type::Unbounded) {
        details.append(side.operation == Operation::MigrationOut ? Text::tr("A migration away from it is under way.")
                : side.operation == Operation::MigrationIn       ? Text::tr("A migration to it is under way.")
                                                                 : Text::tr("A job is under way."));
    } else {
        details.append(Text::tr("No migration is under way."));
    }
    return details;
}

} // namespace vireo::model
