// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QTimer>
#include <QWidget>

#include "backend/job/jobrecord.h"
#include "backend/snapshot/layers.h"
#include "model/snapshottreemodel.h"
#include "ui/uicontext.h"

class QAction;
class QImage;
class QLabel;
class QSplitter;
class QStackedWidget;
class QToolBar;

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::virt {
class Connection;
}

namespace vireo::ui {

class DomainWatch;
class EmptyState;
class MessageBar;
class SnapshotDetails;
class SnapshotJobBar;
class SnapshotTreeView;

/**
 * The snapshots of one domain: their tree, the details of what is selected, and all that can be done with them. Read
 * when the page is looked at, when libvirt hints at a change, when the window comes to the front, and after jobs; what
 * was last known stays meanwhile. GUI thread; owned by its parent.
 */
class SnapshotsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotsPage)

public:
    explicit SnapshotsPage(const UiContext &context, QWidget *parent = nullptr);
    ~SnapshotsPage() override;

    void setDomain(const virt::DomainKey &key);
    /** Reads anew, when it is looked at. */
    void refresh();

    SnapshotTreeView *tree() const { return m_tree; }
    const model::SnapshotTreeModel &model() const { return m_model; }
    /** What is shown is what the host had when it was last asked, and nothing is being read. */
    bool isUpToDate() const { return !m_wanted && !m_reading && m_facts.has_value(); }

Q_SIGNALS:
    /** A new virtual machine from an image that was exported: `pool` empty: `name` is the path of a local file. */
    void newVmRequested(const vireo::virt::HostId &host, const QString &pool, const QString &name);

protected:
    bool event(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Read;
    void createActions();
    void createViews();
    QAction *makeAction(const QString &text, const QString &name, void (SnapshotsPage::*slot)());
    void replaced();
    void invalidate();
    void lookAgain();
    void read();
    void showRead(const Read &read);
    void showError(const Error &error);
    void readPictures();
    void showPictures(const QHash<QString, QImage> &pictures);
    void updateView();
    void updateActions();
    void updateSelection();
    void updateSchedule();
    void showMenu(const QPoint &position);
    void jobEnded(const job::JobId &id);
    void offerNewVm(const job::JobRecord &record);
    QString refusal() const;
    QStringList chosen() const; ///< without "now"

    void take();
    void revert();
    void remove();
    void exportImage();
    void edit();
    void compare();
    void schedule();

    UiContext m_context;
    DomainWatch *m_watch;
    model::SnapshotTreeModel m_model;
    std::optional<snapshot::Facts> m_facts;
    bool m_complete = false; ///< m_facts know of others that use the files, too
    QString m_uri;           ///< of the open connection, as pictures are kept by
    Error m_error;
    bool m_failed = false;
    bool m_wanted = true;
    bool m_reading = false;
    quint64 m_generation = 0;
    QTimer m_later;
    QTimer m_patience; ///< until it is said that something is being read
    QMetaObject::Connection m_hints;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane; ///< reads pictures
    QHash<QString, QPixmap> m_pictures;
    quint64 m_pictureGeneration = 0;

    QToolBar *m_bar;
    QAction *m_take = nullptr;
    QAction *m_revert = nullptr;
    QAction *m_delete = nullptr;
    QAction *m_export = nullptr;
    QAction *m_edit = nullptr;
    QAction *m_compare = nullptr;
    QAction *m_schedule = nullptr;
    QAction *m_refresh = nullptr;
    MessageBar *m_message;
    MessageBar *m_done; ///< what has just been exported
    SnapshotJobBar *m_job;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    EmptyState *m_waiting;
    QSplitter *m_splitter;
    SnapshotTreeView *m_tree;
    SnapshotDetails *m_details;
    QLabel *m_scheduled; ///< what Vireo takes by itself
};

} // namespace vireo::ui
