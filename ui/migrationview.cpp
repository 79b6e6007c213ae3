// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migrationview.h"

#include <ranges>
#include <utility>

#include <QComboBox>
#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QTimer>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/format.h"
#include "ui/factlist.h"
#include "ui/fieldgrid.h"
#include "ui/messagebar.h"
#include "ui/migrationchart.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using migration::Phase;
using migration::Policy;
using model::MigrationLever;
using operation::MigrationCommand;
using operation::MigrationPicture;

namespace {

constexpr quint64 Mebibyte = 1024ULL * 1024;
constexpr int ProgressSteps = 1000;

QLabel *plainLabel(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

/** MiB/s as the field shows it: what is below one still is a limit. */
int mebibytes(quint64 bytesPerSecond)
{
    return bytesPerSecond == 0 ? 0 : static_cast<int>(std::max<quint64>(bytesPerSecond / Mebibyte, 1));
}

} // namespace

MigrationView::MigrationView(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_title(plainLabel(this))
    , m_phase(plainLabel(this))
    , m_left(plainLabel(this))
    , m_action(plainLabel(this))
    , m_progress(new QProgressBar(this))
    , m_note(new MessageBar(this))
    , m_chart(new MigrationChart(this))
    , m_result(new QWidget(this))
    , m_close(new QPushButton(tr("C&lose"), this))
{
    QFont large = font();
    large.setBold(true);
    large.setPointSizeF(large.pointSizeF() * 1.15);
    m_phase->setFont(large);
    m_phase->setObjectName(u"migrationPhase"_s);
    m_phase->setAccessibleName(tr("Phase"));
    m_left->setObjectName(u"migrationLeft"_s);
    m_left->setAccessibleName(tr("Left"));
    m_action->setObjectName(u"migrationAction"_s);
    m_action->setAccessibleName(tr("Last action"));
    m_progress->setRange(0, ProgressSteps);
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(true);
    m_note->hide();
    m_close->setObjectName(u"closeMigration"_s);
    m_close->setAutoDefault(false);
    m_close->setToolTip(tr("Forgets this result; the job stays in the history"));

    auto *content = new QWidget;
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    auto *resultLayout = new QVBoxLayout(m_result);
    resultLayout->setContentsMargins(0, 0, 0, 0);
    auto *closeRow = new QHBoxLayout;
    closeRow->addStretch();
    closeRow->addWidget(m_close);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(6);
    layout->addWidget(m_title);
    layout->addWidget(m_phase);
    layout->addWidget(m_progress);
    layout->addWidget(m_left);
    layout->addWidget(m_note);
    layout->addWidget(m_result);
    layout->addWidget(m_chart, 1);
    layout->addStretch(); // without a chart
    layout->addWidget(m_action);
    layout->addWidget(makeLevers());
    layout->addWidget(makeQuestion());
    layout->addLayout(closeRow);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    m_result->hide();
    m_question->hide();

    connect(m_close, &QPushButton::clicked, this, [this] {
        if (m_context.migrations) {
            m_context.migrations->remove(m_key);
        }
    });
    if (m_context.migrations) {
        connect(m_context.migrations, &operation::MigrationFeed::changed, this, [this](const virt::DomainKey &key) {
            if (key == m_key) {
                m_stale = true;
                refresh();
            }
        });
    }
    // Its problems stand in the job's results, which are complete at the end only.
    connect(&m_context.jobs, &job::JobManager::finished, this, [this](const QUuid &id) {
        const job::JobRecord *record = m_known ? jobOf(m_picture.domain) : nullptr;
        if (record && record->id == id) {
            m_stale = true;
            refresh();
        }
    });
}

QWidget *MigrationView::makeLevers()
{
    m_levers = new QWidget(this);
    m_grid = new FieldGrid(m_levers);
    const auto setButton = [this](const QString &name, const QString &accessible) {
        auto *button = new QPushButton(tr("Set"), m_levers);
        button->setObjectName(name);
        button->setAccessibleName(accessible);
        button->setAutoDefault(false);
        return button;
    };
    m_bandwidth = new QSpinBox(m_levers);
    m_bandwidth->setRange(0, 1'000'000);
    m_bandwidth->setSuffix(tr(" MiB/s"));
    m_bandwidth->setSpecialValueText(tr("No limit"));
    m_bandwidth->setAccelerated(true);
    m_setBandwidth = setButton(u"setBandwidth"_s, tr("Set bandwidth limit"));
    m_bandwidthNote = m_grid->addField(tr("Band&width limit"), m_bandwidth, m_setBandwidth);
    m_downtime = new QSpinBox(m_levers);
    m_downtime->setRange(1, 2'000'000);
    m_downtime->setSingleStep(100);
    m_downtime->setSuffix(tr(" ms"));
    m_downtime->setAccelerated(true);
    m_setDowntime = setButton(u"setDowntime"_s, tr("Set downtime limit"));
    m_downtimeNote = m_grid->addField(tr("&Downtime limit"), m_downtime, m_setDowntime);
    m_policy = new QComboBox(m_levers);
    for (const Policy::Kind kind : {Policy::Kind::Steady, Policy::Kind::MinimalDowntime, Policy::Kind::Nova,
             Policy::Kind::PostCopy, Policy::Kind::Patient}) {
        m_policy->addItem(migration::policyName(kind), static_cast<int>(kind));
    }
    m_setPolicy = setButton(u"setPolicy"_s, tr("Set policy"));
    m_policyNote = m_grid->addField(tr("P&olicy"), m_policy, m_setPolicy);

    const auto lever = [this](const QString &text, const QString &name, MigrationLever which) {
        auto *button = new QPushButton(text, m_levers);
        button->setObjectName(name);
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, [this, which] { ask(which); });
        return button;
    };
    m_postCopy = lever(tr("&Switch to Post-copy…"), u"startPostCopy"_s, MigrationLever::PostCopy);
    m_pause = lever(tr("Pa&use the Guest…"), u"pauseGuest"_s, MigrationLever::Pause);
    m_abort = lever(tr("&Abort Migration…"), u"abortMigration"_s, MigrationLever::Abort);
    auto *buttons = new QHBoxLayout;
    for (QPushButton *button : {m_postCopy, m_pause, m_abort}) {
        buttons->addWidget(button);
    }
    buttons->addStretch();
    auto *layout = new QVBoxLayout(m_levers);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_grid);
    layout->addLayout(buttons);

    for (QWidget *field :
        {static_cast<QWidget *>(m_bandwidth), static_cast<QWidget *>(m_downtime), static_cast<QWidget *>(m_policy)}) {
        field->setFocusPolicy(Qt::StrongFocus);
        field->installEventFilter(this);
    }
    connect(m_bandwidth, &QSpinBox::valueChanged, this, &MigrationView::updateNotes);
    connect(m_downtime, &QSpinBox::valueChanged, this, &MigrationView::updateNotes);
    connect(m_policy, &QComboBox::currentIndexChanged, this, &MigrationView::updateNotes);
    connect(m_setBandwidth, &QPushButton::clicked, this, [this] {
        MigrationCommand command;
        command.kind =
            m_picture.inPostCopy ? MigrationCommand::Kind::SetPostCopyBandwidth : MigrationCommand::Kind::SetBandwidth;
        command.value = static_cast<quint64>(m_bandwidth->value()) * Mebibyte;
        send(command, tr("You set the bandwidth limit: %1").arg(m_bandwidth->text()));
    });
    connect(m_setDowntime, &QPushButton::clicked, this, [this] {
        MigrationCommand command;
        command.kind = MigrationCommand::Kind::SetMaxDowntime;
        command.value = static_cast<quint64>(m_downtime->value());
        send(command, tr("You set the downtime limit: %1").arg(m_downtime->text()));
    });
    connect(m_setPolicy, &QPushButton::clicked, this, [this] {
        MigrationCommand command;
        command.kind = MigrationCommand::Kind::SetPolicy;
        command.policy = Policy::preset(static_cast<Policy::Kind>(m_policy->currentData().toInt()));
        send(command, tr("You chose the policy: %1").arg(m_policy->currentText()));
    });
    return m_levers;
}

QWidget *MigrationView::makeQuestion()
{
    m_question = new QFrame(this);
    static_cast<QFrame *>(m_question)->setFrameShape(QFrame::StyledPanel);
    m_questionText = plainLabel(m_question);
    m_questionText->setObjectName(u"leverConsequence"_s);
    m_yes = new QPushButton(m_question);
    m_yes->setObjectName(u"releaseLever"_s);
    m_no = new QPushButton(tr("&Not Now"), m_question);
    m_no->setObjectName(u"keepLever"_s);
    auto *row = new QHBoxLayout;
    row->addStretch();
    for (QPushButton *button : {m_yes, m_no}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    auto *layout = new QVBoxLayout(m_question);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->addWidget(m_questionText);
    layout->addLayout(row);
    connect(m_yes, &QPushButton::clicked, this, &MigrationView::answer);
    connect(m_no, &QPushButton::clicked, this, &MigrationView::dropQuestion);
    return m_question;
}

virt::DomainKey MigrationView::migrationOf(const operation::MigrationFeed *feed, const virt::DomainKey &vm)
{
    if (!feed || vm.isNull()) {
        return {};
    }
    if (feed->picture(vm)) {
        return vm;
    }
    const QList<virt::DomainKey> keys = feed->domains();
    for (const virt::DomainKey &key : keys) {
        const MigrationPicture *picture = feed->picture(key);
        if (key.domain == vm.domain && picture && picture->destination == vm.host) {
            return key;
        }
    }
    return {};
}

void MigrationView::setMigration(const virt::DomainKey &source)
{
    if (source == m_key) {
        return;
    }
    m_key = source;
    m_known = false;
    m_stale = true;
    m_lastAction.clear();
    m_chart->clearMarks();
    m_bandwidth->setValue(0);
    dropQuestion();
    refresh();
}

void MigrationView::setClosable(bool closable)
{
    m_closable = closable;
    m_close->setVisible(closable && m_known && model::isOver(m_picture.history.phase()));
}

void MigrationView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void MigrationView::refresh()
{
    const MigrationPicture *picture =
        m_context.migrations && !m_key.isNull() ? m_context.migrations->picture(m_key) : nullptr;
    // Marks are made even unseen: when something was done can't be told later.
    if (picture && picture->lastAction != m_lastAction) {
        m_lastAction = picture->lastAction;
        if (!m_lastAction.isEmpty()) {
            m_chart->setPicture(*picture);
            m_chart->addMark(m_lastAction);
        }
    }
    if (!picture || !m_stale || !isVisible()) {
        return; // what was shown last stays: it is the last that is known
    }
    m_stale = false;
    showPicture(*picture);
}

void MigrationView::showPicture(const MigrationPicture &picture)
{
    const bool first = !m_known;
    m_picture = picture;
    m_known = true;
    const virt::Host *source = m_context.hosts.host(picture.domain.host);
    const QString from = source ? source->settings().displayName() : tr("a host that was removed");
    if (const virt::Host *destination = m_context.hosts.host(picture.destination)) {
        m_picture.destinationName = destination->settings().displayName(); // as it is called everywhere else
    }
    const QString to = m_picture.destinationName.isEmpty() ? tr("an unknown host") : m_picture.destinationName;
    m_title->setText(tr("%1: %2 → %3", "VM, source host, destination host").arg(picture.domainName, from, to));
    const Phase phase = picture.history.phase();
    const bool over = model::isOver(phase);
    m_phase->setText(over ? model::resultSentence(m_picture) : migration::phaseText(picture.history));
    m_progress->setVisible(!over);
    m_progress->setValue(static_cast<int>(picture.history.fraction() * ProgressSteps));
    QStringList left{model::remainingText(picture), model::timeLeftText(picture)};
    left.removeAll(QString());
    m_left->setText(left.join(u" · "_s));
    m_left->setVisible(!left.isEmpty());
    m_action->setText(picture.lastAction);
    m_action->setVisible(!over && !picture.lastAction.isEmpty());
    m_chart->setPicture(picture);
    m_chart->setVisible(!over || picture.history.samples().size() > 1); // one that was not watched has no rounds

    if (phase == Phase::NeedsHelp) {
        m_note->showMessage(MessageBar::Kind::Warning, picture.diagnosis.text, picture.diagnosis.advice);
        if (!m_note->hasButtons()) {
            QPushButton *decide = m_note->addButton(tr("&Recover…"));
            decide->setObjectName(u"recoverMigration"_s);
            connect(decide, &QPushButton::clicked, this, [this] { Q_EMIT recoverWanted(m_key); });
        }
    } else if (!picture.note.isEmpty()) {
        if (m_note->hasButtons()) {
            m_note->clear();
        }
        m_note->showMessage(MessageBar::Kind::Warning, picture.note);
    } else if (!over) {
        m_note->clear();
    }
    m_levers->setVisible(!over);
    m_result->setVisible(over);
    m_close->setVisible(over && m_closable);
    if (over) {
        dropQuestion();
        showResult(picture);
        return;
    }
    // Fields follow what is in force, until somebody types into them.
    if (first || m_shownBandwidth != picture.bandwidth) {
        m_shownBandwidth = picture.bandwidth;
        m_bandwidth->setValue(mebibytes(picture.bandwidth));
    }
    if (first || m_shownDowntime != picture.maxDowntimeMs) {
        m_shownDowntime = picture.maxDowntimeMs;
        m_downtime->setValue(static_cast<int>(std::max<quint64>(picture.maxDowntimeMs, 1)));
    }
    if (first || !(m_shownPolicy == picture.policy)) {
        m_shownPolicy = picture.policy;
        m_policy->setCurrentIndex(m_policy->findData(static_cast<int>(picture.policy.kind)));
    }
    showLevers(picture);
}

void MigrationView::showLevers(const MigrationPicture &picture)
{
    const auto set = [&picture](QWidget *widget, MigrationLever lever, const QString &tip) {
        const QString why = model::leverRefusal(picture, lever);
        widget->setEnabled(why.isEmpty());
        widget->setToolTip((why.isEmpty() ? tip : why).toHtmlEscaped());
    };
    set(m_bandwidth, MigrationLever::Bandwidth, {});
    set(m_downtime, MigrationLever::Downtime, {});
    set(m_policy, MigrationLever::Policy, {});
    set(m_postCopy, MigrationLever::PostCopy, model::postCopyConsequence(picture));
    set(m_pause, MigrationLever::Pause, model::pauseConsequence(picture));
    set(m_abort, MigrationLever::Abort, model::abortConsequence(picture));
    if (m_question->isVisible()) {
        if (model::leverRefusal(picture, m_asked).isEmpty()) {
            m_questionText->setText(questionText()); // the figures go on
        } else {
            dropQuestion();
        }
    }
    updateNotes();
}

void MigrationView::updateNotes()
{
    if (!m_known) {
        return;
    }
    const auto note = [this](FieldNote *field, QPushButton *button, MigrationLever lever, bool changed,
                          const QString &consequence) {
        const QString why = model::leverRefusal(m_picture, lever);
        field->setText({}, why.isEmpty() ? consequence : why);
        button->setEnabled(changed && why.isEmpty());
        button->setToolTip((!why.isEmpty() ? why : changed ? consequence : tr("This is in force.")).toHtmlEscaped());
    };
    const auto bandwidth = static_cast<quint64>(m_bandwidth->value()) * Mebibyte;
    note(m_bandwidthNote, m_setBandwidth, MigrationLever::Bandwidth,
        m_bandwidth->value() != mebibytes(m_picture.bandwidth), model::bandwidthConsequence(m_picture, bandwidth));
    const auto downtime = static_cast<quint64>(m_downtime->value());
    note(m_downtimeNote, m_setDowntime, MigrationLever::Downtime, downtime != m_picture.maxDowntimeMs,
        model::downtimeConsequence(m_picture, downtime));
    const auto kind = static_cast<Policy::Kind>(m_policy->currentData().toInt());
    const bool other = kind != m_picture.policy.kind;
    note(m_policyNote, m_setPolicy, MigrationLever::Policy, other,
        migration::policyText(other ? Policy::preset(kind) : m_picture.policy));
}

QString MigrationView::questionText() const
{
    switch (m_asked) {
    case MigrationLever::PostCopy:
        return model::postCopyConsequence(m_picture);
    case MigrationLever::Pause:
        return model::pauseConsequence(m_picture);
    default:
        return model::abortConsequence(m_picture);
    }
}

void MigrationView::ask(MigrationLever lever)
{
    m_asked = lever;
    m_questionText->setText(questionText());
    m_yes->setText(lever == MigrationLever::PostCopy ? tr("Switch to &Post-copy")
            : lever == MigrationLever::Pause         ? tr("Pause the &Guest")
                                                     : tr("Abort &Migration"));
    m_question->show();
    m_no->setFocus(Qt::OtherFocusReason); // a stray Enter must not release it
    // Once it has its place.
    QTimer::singleShot(0, this, [this] {
        for (QWidget *widget = parentWidget(); widget; widget = widget->parentWidget()) {
            if (auto *area = qobject_cast<QScrollArea *>(widget)) {
                area->ensureWidgetVisible(m_question);
                return;
            }
        }
    });
}

/** The wheel scrolls the page, and turns no lever that nobody has taken. */
bool MigrationView::eventFilter(QObject *watched, QEvent *event)
{
    const auto *widget = qobject_cast<QWidget *>(watched);
    if (event->type() == QEvent::Wheel && widget && !widget->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void MigrationView::dropQuestion()
{
    const bool had = m_question->isAncestorOf(focusWidget());
    m_question->hide();
    if (had) {
        (m_asked == MigrationLever::PostCopy       ? m_postCopy
                : m_asked == MigrationLever::Pause ? m_pause
                                                   : m_abort)
            ->setFocus(Qt::OtherFocusReason);
    }
}

void MigrationView::answer()
{
    MigrationCommand command;
    QString mark;
    switch (m_asked) {
    case MigrationLever::PostCopy:
        command.kind = MigrationCommand::Kind::StartPostCopy;
        mark = tr("You switched to post-copy");
        break;
    case MigrationLever::Pause:
        command.kind = MigrationCommand::Kind::Pause;
        mark = tr("You paused the guest");
        break;
    default:
        command.kind = MigrationCommand::Kind::Abort;
        mark = tr("You aborted the migration");
        break;
    }
    dropQuestion();
    send(command, mark);
}

void MigrationView::send(const MigrationCommand &command, const QString &mark)
{
    if (m_context.migrations) {
        m_context.migrations->send(m_key, command);
        m_chart->addMark(mark);
    }
}

/** The newest job that moved it; null: somebody else did. */
const job::JobRecord *MigrationView::jobOf(const virt::DomainKey &domain) const
{
    const QList<job::JobId> ids = m_context.jobs.jobs();
    for (const job::JobId &id : ids | std::views::reverse) {
        const job::JobRecord *record = m_context.jobs.job(id);
        if (record->plan.operation == "migrate"_L1 && record->plan.host == domain.host
            && record->plan.domain == domain.domain) {
            return record;
        }
    }
    return nullptr;
}

void MigrationView::showResult(const MigrationPicture &picture)
{
    delete std::exchange(m_facts, new FactList(m_result));
    m_result->layout()->addWidget(m_facts);
    const QList<model::MigrationResult> lines = model::resultLines(picture);
    for (const model::MigrationResult &line : lines) {
        m_facts->setValue(m_facts->addFact(line.label), line.value);
    }
    const job::JobRecord *record = jobOf(picture.domain);
    QStringList problems;
    if (record) {
        const QJsonArray told = record->results.value("migration"_L1).toObject().value("problems"_L1).toArray();
        for (const auto &each : told) {
            problems.append(each.toString());
        }
        if (record->isFinished() && record->state != job::JobState::Done && !record->error.message.isEmpty()) {
            problems.append(record->error.message);
        }
    }
    m_note->clear();
    if (!problems.isEmpty()) {
        m_note->showMessage(MessageBar::Kind::Warning, problems.join(u'\n'));
    } else if (picture.history.phase() == Phase::Failed && !picture.note.isEmpty()) {
        m_note->showMessage(MessageBar::Kind::Warning, picture.note);
    }
}

} // namespace vireo::ui
