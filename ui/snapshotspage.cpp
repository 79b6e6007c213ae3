// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotspage.h"

#include <chrono>

#include <QImage>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobmanager.h"
#include "backend/operation/snapshot/snapshotscheduler.h"
#include "backend/snapshot/pictures.h"
#include "backend/virt/hosts.h"
#include "backend/virt/snapshots.h"
#include "ui/domainwatch.h"
#include "ui/emptystate.h"
#include "ui/messagebar.h"
#include "ui/migrationguard.h"
#include "ui/snapshotdelegate.h"
#include "ui/snapshotdetails.h"
#include "ui/snapshotjobbar.h"
#include "ui/snapshotscheduledialog.h"
#include "ui/snapshottreeview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

/** All snapshots and all domains of the host are looked at, and pools may have to be refreshed. */
constexpr std::chrono::seconds ReadDeadline{120};
/** Several hints at once are one. */
constexpr std::chrono::milliseconds HintDelay{100};
/** What is read faster than this needs no "Reading…". */
constexpr std::chrono::milliseconds Patience{400};

} // namespace

/** What a lane read. */
struct SnapshotsPage::Read {
    snapshot::Facts facts;
    QList<snapshot::Discrepancy> discrepancies;
    QString uri;
    bool complete = false;
};

SnapshotsPage::SnapshotsPage(const UiContext &context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_watch(new DomainWatch(context, this))
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"pictures"_s))
    , m_bar(new QToolBar(this))
    , m_message(new MessageBar(this))
    , m_done(new MessageBar(this))
    , m_job(new SnapshotJobBar(context, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(Glyph::Snapshot, {}, {}, this))
    , m_waiting(new EmptyState(Glyph::Snapshot, {}, {}, this))
    , m_splitter(new QSplitter(Qt::Horizontal, this))
    , m_tree(new SnapshotTreeView(m_model, this))
    , m_details(new SnapshotDetails(this))
    , m_scheduled(new QLabel(this))
{
    setObjectName(u"snapshotsPage"_s);
    createActions();
    createViews();
    m_later.setSingleShot(true);
    m_later.setInterval(HintDelay);
    connect(&m_later, &QTimer::timeout, this, &SnapshotsPage::read);
    m_patience.setSingleShot(true);
    m_patience.setInterval(Patience);
    connect(&m_patience, &QTimer::timeout, this, &SnapshotsPage::updateView);
    connect(m_watch, &DomainWatch::replaced, this, &SnapshotsPage::replaced);
    connect(m_watch, &DomainWatch::changed, this, &SnapshotsPage::invalidate);
    connect(m_watch, &DomainWatch::happened, this, &SnapshotsPage::invalidate);
    connect(m_watch, &DomainWatch::hostStatusChanged, this, [this] {
        if (m_watch->isFresh() && (m_wanted || m_failed)) {
            invalidate();
        }
        updateView();
    });
    auto *clock = new QTimer(this);
    connect(clock, &QTimer::timeout, this, [this] {
        if (isVisible() && !m_watch->isFresh()) {
            updateView(); // "last seen" grows
        }
    });
    clock->start(std::chrono::seconds(1));
    auto *ages = new QTimer(this);
    connect(ages, &QTimer::timeout, this, [this] { m_tree->viewport()->update(); }); // "50 s ago" grows
    ages->start(std::chrono::seconds(20));
    connect(&m_context.jobs, &job::JobManager::finished, this, &SnapshotsPage::jobEnded);
    if (m_context.scheduler) {
        connect(m_context.scheduler, &operation::SnapshotScheduler::changed, this, &SnapshotsPage::updateSchedule);
    }
    migrationguard::watch(m_context, this, [this] { return m_watch->key(); }, [this] { updateActions(); });
    connect(m_job, &SnapshotJobBar::jobChanged, this, &SnapshotsPage::updateActions);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SnapshotsPage::updateSelection);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &SnapshotsPage::showMenu);
    updateView();
    updateActions();
}

SnapshotsPage::~SnapshotsPage()
{
    m_courier->close();
}

void SnapshotsPage::createViews()
{
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_splitter->addWidget(m_tree);
    m_splitter->addWidget(m_details);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setSizes({600, 400}); // shares, until somebody moves it
    m_empty->setObjectName(u"noSnapshots"_s);
    m_empty->setTexts(tr("No snapshots yet"),
        tr("A snapshot keeps the virtual machine as it is now: before an update, say, so that you can go back to it."));
    QPushButton *first = m_empty->setButton(tr("&Take Snapshot…"));
    first->setObjectName(u"firstSnapshot"_s);
    connect(first, &QPushButton::clicked, this, &SnapshotsPage::take);
    m_waiting->setObjectName(u"snapshotsWaiting"_s);
    QPushButton *retry = m_waiting->setButton(tr("&Retry"));
    retry->setObjectName(u"retrySnapshots"_s);
    connect(retry, &QPushButton::clicked, this, &SnapshotsPage::refresh);
    for (QWidget *each :
        {static_cast<QWidget *>(m_waiting), static_cast<QWidget *>(m_empty), static_cast<QWidget *>(m_splitter)}) {
        m_stack->addWidget(each);
    }
    m_message->hide();
    m_done->hide();
    m_scheduled->setTextFormat(Qt::PlainText);
    m_scheduled->setWordWrap(true);
    m_scheduled->setContentsMargins(10, 4, 10, 6);
    m_scheduled->setAccessibleName(tr("Schedule"));
    m_scheduled->setObjectName(u"snapshotSchedule"_s);
    m_scheduled->hide();
    auto *bars = new QVBoxLayout;
    bars->setContentsMargins(8, 0, 8, 0);
    bars->addWidget(m_message);
    bars->addWidget(m_done);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addLayout(bars);
    layout->addWidget(m_job);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_scheduled);
    setFocusProxy(m_tree);
}

void SnapshotsPage::setDomain(const virt::DomainKey &key)
{
    if (key != m_watch->key()) {
        m_watch->setDomain(key);
    }
}

void SnapshotsPage::replaced()
{
    disconnect(m_hints);
    if (virt::Host *host = m_watch->host()) {
        m_hints = connect(host, &virt::Host::snapshotsMayHaveChanged, this, [this](const QUuid &domain) {
            if (domain == m_watch->key().domain) {
                invalidate();
            }
        });
    }
    ++m_generation;
    ++m_pictureGeneration;
    m_facts.reset();
    m_complete = false;
    m_reading = false;
    m_failed = false;
    m_error = {};
    m_pictures.clear();
    m_tree->setPictures({});
    m_model.clear();
    m_done->clear();
    m_job->setDomain(m_watch->key());
    updateSchedule();
    m_details->setFacts({}, {});
    updateSelection();
    invalidate();
}

bool SnapshotsPage::event(QEvent *event)
{
    if (event->type() == QEvent::WindowActivate && m_facts) {
        lookAgain(); // not everything is told by libvirt: somebody may have done something elsewhere
    }
    return QWidget::event(event);
}

void SnapshotsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_wanted) {
        read();
    }
}

void SnapshotsPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // Beside the list of VMs there is no room for two columns.
    const bool wide = event->size().width() > fontMetrics().averageCharWidth() * 110;
    const Qt::Orientation wanted = wide ? Qt::Horizontal : Qt::Vertical;
    if (m_splitter->orientation() != wanted) {
        m_splitter->setOrientation(wanted);
        m_splitter->setSizes(wide ? QList<int>{3, 2} : QList<int>{1, 1}); // shares of what there is
    }
}

void SnapshotsPage::refresh()
{
    invalidate();
}

void SnapshotsPage::invalidate()
{
    m_wanted = true;
    updateView();
    if (isVisible() && !m_later.isActive()) {
        m_later.start();
    }
}

/** Two short questions. What they can't tell, such as a file that was removed by hand, F5 finds. */
void SnapshotsPage::lookAgain()
{
    virt::Host *host = m_watch->host();
    if (!host || !m_watch->isFresh() || !isVisible() || m_reading) {
        return;
    }
    using Answer = std::pair<QStringList, QString>;
    Answer known;
    for (const snapshot::Snapshot &each : std::as_const(m_facts->snapshots)) {
        known.first.append(each.name);
        known.second = each.current ? each.name : known.second;
    }
    known.first.sort();
    host->ask<Answer>(
        this,
        [domain = m_watch->key().domain](virt::Connection &connection) -> Result<Answer> {
            auto names = virt::snapshots::names(connection, domain);
            if (!names) {
                return fail(names.error());
            }
            auto current = virt::snapshots::current(connection, domain);
            if (!current) {
                return fail(current.error());
            }
            names->sort();
            return Answer{*std::move(names), *std::move(current)};
        },
        [this, known, generation = m_generation](const Result<Answer> &answer) {
            if (generation == m_generation && answer && *answer != known) {
                invalidate();
            }
        });
}

void SnapshotsPage::read()
{
    virt::Host *host = m_watch->host();
    if (m_reading || !isVisible() || !m_watch->isFresh() || !host) {
        updateView();
        return; // asked again when this one is done, or when it is seen
    }
    m_wanted = false;
    m_reading = true;
    m_patience.start();
    updateView();
    // The first look is quick, and leaves out who else uses the files.
    const auto reach = m_facts ? snapshot::Reach::Everybody : snapshot::Reach::Own;
    host->ask<Read>(
        this,
        [domain = m_watch->key().domain, reach](virt::Connection &connection) -> Result<Read> {
            auto facts = snapshot::readFacts(connection, domain, reach);
            if (!facts) {
                return fail(facts.error());
            }
            Read read{*std::move(facts), {}, connection.uri(), reach == snapshot::Reach::Everybody};
            read.discrepancies = snapshot::discrepancies(read.facts);
            return read;
        },
        [this, generation = ++m_generation](const Result<Read> &read) {
            if (generation != m_generation) {
                return;
            }
            m_reading = false;
            m_patience.stop();
            if (read) {
                showRead(*read);
            } else {
                showError(read.error());
            }
            if (m_wanted) {
                this->read();
            }
        },
        ReadDeadline);
}

void SnapshotsPage::showRead(const Read &read)
{
    m_failed = false;
    m_error = {};
    const bool first = !m_facts;
    const bool same = m_facts && *m_facts == read.facts;
    m_facts = read.facts;
    m_complete = read.complete;
    m_uri = read.uri;
    if (!same || first) {
        m_model.setFacts(read.facts, read.discrepancies);
        m_details->setFacts(read.facts, read.discrepancies);
        m_tree->refit();
        if (m_tree->selectionModel()->selectedRows().isEmpty()) {
            m_tree->selectSnapshots({QString()}); // "now"
        }
        readPictures();
    }
    updateSelection();
    if (!read.complete) {
        m_wanted = true;
    }
    updateView();
}

void SnapshotsPage::showError(const Error &error)
{
    m_failed = true;
    m_error = error;
    updateView();
}

void SnapshotsPage::readPictures()
{
    QList<std::pair<QString, QDateTime>> wanted;
    for (const snapshot::Snapshot &each : std::as_const(m_facts->snapshots)) {
        wanted.append({each.name, each.created});
    }
    if (wanted.isEmpty()) {
        return;
    }
    const QString directory =
        m_context.pictures.isEmpty() ? snapshot::PictureStore::defaultDirectory() : m_context.pictures;
    const qreal ratio = devicePixelRatioF();
    m_lane->post([this, courier = m_courier, directory, ratio, wanted, uri = m_uri, domain = m_watch->key().domain,
                     generation = ++m_pictureGeneration] {
        snapshot::PictureStore store(directory);
        QHash<QString, QImage> found;
        QStringList names;
        for (const auto &[name, created] : wanted) {
            names.append(name);
            const auto bytes = store.read({uri, domain, name}, created);
            QImage image;
            if (bytes && image.loadFromData(*bytes)) {
                // For the details; the tree makes it smaller while painting.
                found.insert(
                    name, image.scaled(QSize(320, 200) * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation));
            }
        }
        store.prune(uri, domain, names);
        courier->post([this, generation, found = std::move(found)] {
            if (generation == m_pictureGeneration) {
                showPictures(found);
            }
        });
    });
}

void SnapshotsPage::showPictures(const QHash<QString, QImage> &pictures)
{
    QStringList names = pictures.keys();
    names.sort();
    m_pictures.clear();
    for (const QString &name : std::as_const(names)) {
        m_pictures.insert(name, QPixmap::fromImage(pictures.value(name)));
    }
    m_model.setPictures(names);
    m_tree->setPictures(m_pictures);
    m_tree->refit();
    updateSelection();
}

void SnapshotsPage::updateView()
{
    const QString stale = m_watch->staleSentence();
    if (!stale.isEmpty()) {
        if (m_message->hasButtons()) {
            m_message->clear();
        }
        m_message->showMessage(MessageBar::Kind::Warning, stale, m_watch->staleHint());
    } else if (m_failed && m_facts) {
        m_message->showMessage(MessageBar::Kind::Error, m_error.message, m_error.hint);
        if (!m_message->hasButtons()) {
            connect(m_message->addButton(tr("Retry")), &QPushButton::clicked, this, &SnapshotsPage::refresh);
        }
    } else {
        m_message->clear();
    }
    m_tree->setEnabled(m_watch->isFresh());
    if (m_facts) {
        m_stack->setCurrentWidget(
            m_facts->snapshots.isEmpty() ? static_cast<QWidget *>(m_empty) : static_cast<QWidget *>(m_splitter));
        updateActions();
        return;
    }
    auto *retry = m_waiting->findChild<QPushButton *>(u"retrySnapshots"_s);
    retry->setVisible(m_failed && stale.isEmpty());
    if (m_failed) {
        m_waiting->setTexts(tr("The snapshots can't be read"),
            m_error.hint.isEmpty() ? m_error.message : m_error.message + u'\n' + m_error.hint);
    } else if (m_reading && !m_patience.isActive()) {
        m_waiting->setTexts(tr("Reading the snapshots…"), {});
    } else {
        m_waiting->setTexts({}, {});
    }
    m_stack->setCurrentWidget(m_waiting);
    updateActions();
}

void SnapshotsPage::updateSchedule()
{
    const auto schedule = m_context.scheduler ? m_context.scheduler->schedule(m_watch->key()) : std::nullopt;
    m_scheduled->setText(
        schedule ? SnapshotScheduleDialog::summary(*schedule, QDateTime::currentDateTimeUtc()) : QString());
    m_scheduled->setVisible(!m_scheduled->text().isEmpty());
}

void SnapshotsPage::updateSelection()
{
    const QStringList selected = m_tree->selectedSnapshots();
    m_details->setSelection(selected);
    m_details->setPicture(selected.size() == 1 ? m_pictures.value(selected.constFirst()) : QPixmap());
    updateActions();
}

} // namespace vireo::ui
