// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The XML editor and the hardware pages in the whole program, on a running guest, by keyboard alone: what an operator
// does to give a virtual machine a second network card, and to take it away again. What came of it is asked of virsh.
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTemporaryDir>
#include <QTreeWidget>

#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"
#include "backend/xml/comparison.h"
#include "backend/xml/xmltext.h"
#include "tests/support/testbed.h"
#include "tests/system/badhostsfixture.h"
#include "tests/system/wholeprogram.h"
#include "ui/addhardwaredialog.h"
#include "ui/applydialog.h"
#include "ui/domaintreeview.h"
#include "ui/hardwareeditor.h"
#include "ui/hardwarepage.h"
#include "ui/historydialog.h"
#include "ui/mergedialog.h"
#include "ui/messagebar.h"
#include "ui/vmwindow.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::press;
using test::Program;
using test::TestBed;
using test::type;

namespace {

constexpr int waitMs = 30000;
constexpr int jobMs = 90000;

} // namespace

class TestXmlEditSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        m_bed = std::make_unique<TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        QVERIFY(m_files.isValid());
    }

    void init()
    {
        // With one network card, and a guest that lets go of devices.
        auto definition = xml::XmlText::parse(m_bed->kernelGuestXml(u"web01"_s, u"eject"_s));
        QVERIFY(definition);
        QVERIFY(definition->insert(u"devices"_s,
            u"<interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>"_s));
        QFile file(m_files.filePath(u"web01.xml"_s));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(definition->toString().toUtf8());
        file.close();
        QVERIFY2(virsh({u"define"_s, file.fileName()}).ok(), "define");
        QVERIFY2(virsh({u"start"_s, u"web01"_s}).ok(), "start");
        QTRY_VERIFY_WITH_TIMEOUT(m_bed->read(u"web01.txt"_s).contains("GUEST"), waitMs);

        m_program = std::make_unique<Program>(m_files.filePath(u"test.conf"_s));
        m_program->window.show();
        virt::HostSettings settings = test::settingsFor(m_bed->uri(u"A"_s));
        settings.name = u"Rack"_s;
        m_host = m_program->hosts.add(settings);
        m_program->hosts.host(m_host)->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(m_program->hosts.host(m_host)->isConnected(), waitMs);
        QTRY_COMPARE_WITH_TIMEOUT(m_program->inventory.count(m_host), 1, waitMs);
        QVERIFY(QTest::qWaitForWindowActive(&m_program->window));
        STEP(openXml());
    }

    void cleanup()
    {
        m_program.reset();
        if (!m_bed->wipe()) {
            qWarning("wipe: %s", qPrintable(m_bed->errorText()));
        }
    }

    void cleanupTestCase()
    {
        m_bed.reset();
        m_loop.reset();
    }

    /// A second card as XML, back by the history, and once more on the hardware pages with the same result.
    void secondCardByXmlAndBack();
    /// Somebody else changes the definition meanwhile: both changes are there in the end.
    void othersChangesAreMerged();
    /// What libvirt refuses changes nothing.
    void refusedEditChangesNothing();

private:
    TestBed::Outcome virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments); }
    QString stored() { return virsh({u"dumpxml"_s, u"--inactive"_s, u"web01"_s}).output; }
    QString running() { return virsh({u"dumpxml"_s, u"web01"_s}).output; }
    static int cards(const QString &xml) { return static_cast<int>(xml.count(u"<interface "_s)); }

    /// The dialog of that kind, if it is there.
    template<typename T>
    T *opened() const
    {
        return m_window->findChild<T *>();
    }
    void openXml();
    QString text() const { return m_editor->xml(); }
    /// The list of completions, while it is open.
    QAbstractItemView *completions() const;
    /// Waits for the list, and takes the item of that name by keys.
    void complete(const QString &label);
    /// Puts the cursor at the end of the line in which `what` stands first.
    void goBehind(const QString &what);
    /// A dialog has closed: the window below has the keyboard again.
    void backToWindow();
    /// Ctrl+S, the dialog, Apply, and the job to its end.
    void apply();
    void addCardByXml();
    void addCardByPages();
    /// Closes the list of completions if it is open.
    void dismiss()
    {
        if (completions()) {
            press(Qt::Key_Escape);
        }
    }

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    std::unique_ptr<Program> m_program;
    QTemporaryDir m_files;
    virt::HostId m_host;
    QPointer<ui::VmWindow> m_window;
    QPointer<ui::XmlEditor> m_editor;
};

void TestXmlEditSystem::openXml()
{
    // From the list: the VM's own window by Enter, its XML by Ctrl+E.
    m_program->window.tree()->setFocus();
    press(Qt::Key_Home);
    press(Qt::Key_Down);
    press(Qt::Key_Return);
    const auto find = [this] {
        const auto windows = QApplication::topLevelWidgets();
        for (QWidget *widget : windows) {
            if (auto *window = qobject_cast<ui::VmWindow *>(widget)) {
                m_window = window;
            }
        }
        return m_window && m_window->isActiveWindow();
    };
    QTRY_VERIFY_WITH_TIMEOUT(find(), waitMs);
    press(Qt::Key_E, Qt::ControlModifier);
    m_editor = m_window->findChild<ui::XmlEditor *>(u"xmlStored"_s);
    QTRY_VERIFY_WITH_TIMEOUT(m_editor->editor()->hasFocus(), waitMs);
    QTRY_VERIFY_WITH_TIMEOUT(text().contains(u"<name>web01</name>"_s) && !m_editor->isReadOnly(), waitMs);
}

QAbstractItemView *TestXmlEditSystem::completions() const
{
    const auto *popup = m_editor->findChild<QWidget *>(u"xmlCompletions"_s);
    auto *list = popup && popup->isVisible() ? popup->findChild<QListWidget *>() : nullptr;
    return list && list->count() > 0 ? list : nullptr;
}

void TestXmlEditSystem::complete(const QString &label)
{
    const auto offered = [this, &label] {
        const QAbstractItemView *list = completions();
        for (int row = 0; list && row < list->model()->rowCount(); ++row) {
            if (list->model()->index(row, 0).data().toString() == label) {
                return row;
            }
        }
        return -1;
    };
    QTRY_VERIFY2_WITH_TIMEOUT(offered() >= 0, qPrintable(label + u" is not offered in:\n"_s + text()), waitMs);
    for (int steps = 0; steps < 500 && completions()->currentIndex().row() != offered(); ++steps) {
        press(completions()->currentIndex().row() < offered() ? Qt::Key_Down : Qt::Key_Up);
    }
    QCOMPARE(completions()->currentIndex().row(), offered());
    press(Qt::Key_Return);
}

void TestXmlEditSystem::backToWindow()
{
    QTRY_VERIFY_WITH_TIMEOUT(!QApplication::activeModalWidget(), waitMs);
    m_window->activateWindow(); // what a window manager does
    QTRY_COMPARE(QGuiApplication::focusWindow(), m_window->windowHandle());
}

void TestXmlEditSystem::goBehind(const QString &what)
{
    const QStringList lines = text().split(u'\n');
    int line = 0;
    while (line < lines.size() && !lines[line].contains(what)) {
        ++line;
    }
    QVERIFY2(line < lines.size(), qPrintable(what));
    press(Qt::Key_L, Qt::ControlModifier); // go to line
    type(QString::number(line + 1));
    press(Qt::Key_Return);
    QTRY_COMPARE(m_editor->editor()->textCursor().blockNumber(), line);
    STEP(backToWindow());
    QTRY_VERIFY(m_editor->editor()->hasFocus());
    press(Qt::Key_End);
}

void TestXmlEditSystem::apply()
{
    const qsizetype before = m_program->jobs.jobs().size();
    QTRY_VERIFY_WITH_TIMEOUT(opened<ui::ApplyDialog>(), waitMs);
    auto *dialog = opened<ui::ApplyDialog>();
    QTRY_COMPARE(QGuiApplication::focusWindow(), dialog->windowHandle());
    QVERIFY2(!dialog->plan().isBlocked(), qPrintable(dialog->plan().findings.value(0).text));
    press(Qt::Key_A, Qt::AltModifier);
    QTRY_COMPARE(m_program->jobs.jobs().size(), before + 1);
    const job::JobRecord *record = m_program->jobs.job(m_program->jobs.jobs().constLast());
    const job::JobId id = record->id;
    QTRY_VERIFY_WITH_TIMEOUT(m_program->jobs.job(id)->isFinished(), jobMs);
    record = m_program->jobs.job(id);
    QVERIFY2(record->state == job::JobState::Done, qPrintable(record->error.message));
    QTRY_VERIFY_WITH_TIMEOUT(!opened<ui::ApplyDialog>(), waitMs);
    STEP(backToWindow());
}

void TestXmlEditSystem::addCardByXml()
{
    STEP(goBehind(u"</interface>"_s));
    press(Qt::Key_Return);
    type(u"<interf"_s);
    STEP(complete(u"interface"_s));
    STEP(complete(u"user"_s));
    QTRY_VERIFY2(text().contains(u"</interface>\n    <interface type='user'"_s), qPrintable(text()));

    // A wrong one is underlined, with a sentence that helps.
    press(Qt::Key_Backspace);
    type(u"x"_s);
    const auto told = [this] {
        const QString now = text();
        const auto &diagnostics = m_editor->diagnostics();
        return m_editor->isChecked() && std::ranges::any_of(diagnostics, [&now](const xml::Diagnostic &each) {
            return now.sliced(each.range.from, each.range.length()).contains(u"usex"_s)
                && (each.message + each.hint).contains(u"user"_s);
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(told(), waitMs);
    QVERIFY(m_editor->hasErrors());
    dismiss();
    press(Qt::Key_Home, Qt::ControlModifier);
    press(Qt::Key_F8); // goes there from wherever one is
    const qsizetype wrong = text().indexOf(u"usex"_s);
    const auto cursor = [this] {
        return m_editor->editor()->textCursor();
    };
    QVERIFY(cursor().selectionStart() <= wrong + 4 && cursor().selectionEnd() >= wrong);
    while (cursor().position() < wrong + 4) {
        press(Qt::Key_Right);
    }
    while (cursor().position() > wrong + 4) {
        press(Qt::Key_Left);
    }
    press(Qt::Key_Backspace);
    type(u"r"_s);
    dismiss();
    press(Qt::Key_Right);
    press(Qt::Key_Right);
    press(Qt::Key_Return); // between the tags: a line of its own
    type(u"<ma"_s);
    STEP(complete(u"mac"_s));
    type(u"52:54:00:00:00:02"_s);
    press(Qt::Key_End);
    press(Qt::Key_Return);
    type(u"<mod"_s);
    STEP(complete(u"model"_s));
    STEP(complete(u"virtio"_s));
    QTRY_VERIFY_WITH_TIMEOUT(m_editor->isChecked(), waitMs);
    QVERIFY2(!m_editor->hasErrors(), qPrintable(text()));
}

void TestXmlEditSystem::addCardByPages()
{
    press(Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
    auto *page = m_window->findChild<ui::HardwarePage *>();
    QTRY_VERIFY_WITH_TIMEOUT(page->isVisible() && !page->editor()->draft().isEmpty(), waitMs);
    QTRY_VERIFY_WITH_TIMEOUT(!page->editor()->draft().host().vocabulary.networks.isEmpty(), waitMs);
    press(Qt::Key_H, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(opened<ui::AddHardwareDialog>(), waitMs);
    auto *dialog = opened<ui::AddHardwareDialog>();
    QTRY_COMPARE(QGuiApplication::focusWindow(), dialog->windowHandle());
    QCOMPARE(test::focused(), u"Kind"_s);
    type(u"Network"_s);
    press(Qt::Key_E, Qt::AltModifier);
    QTRY_COMPARE(test::focused(), u"Connection"_s);
    type(u"User"_s);
    press(Qt::Key_S, Qt::AltModifier);
    QTRY_COMPARE(test::focused(), u"MAC address"_s);
    test::retype(u"52:54:00:00:00:02"_s);
    press(Qt::Key_A, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!opened<ui::AddHardwareDialog>(), waitMs);
    STEP(backToWindow());
    press(Qt::Key_P, Qt::AltModifier);
}

void TestXmlEditSystem::secondCardByXmlAndBack()
{
    const QString original = text();
    const QString storedBefore = stored();
    QCOMPARE(cards(original), 1);

    // "<dev" is completed where a <devices> may stand: all devices are cut out for that, and come back by undo.
    STEP(goBehind(u"<devices>"_s));
    press(Qt::Key_Home);
    press(Qt::Key_End, Qt::ControlModifier | Qt::ShiftModifier);
    press(Qt::Key_X, Qt::ControlModifier);
    type(u"<dev"_s);
    STEP(complete(u"devices"_s));
    QVERIFY2(text().contains(u"<devices>"_s) && text().contains(u"</devices>"_s), qPrintable(text()));
    for (int steps = 0; steps < 50 && text() != original; ++steps) {
        press(Qt::Key_Z, Qt::ControlModifier);
    }
    QCOMPARE(text(), original);

    // A second card, its values completed, and a mistake on the way.
    STEP(addCardByXml());

    // Applied to the running guest, having seen what goes live.
    press(Qt::Key_S, Qt::ControlModifier);
    const auto effects = [this] {
        const auto *dialog = m_window->findChild<ui::ApplyDialog *>();
        const auto *list = dialog ? dialog->findChild<QTreeWidget *>(u"effects"_s) : nullptr;
        QStringList rows;
        for (int row = 0; list && row < list->topLevelItemCount(); ++row) {
            rows << list->topLevelItem(row)->text(1);
        }
        return rows;
    };
    QTRY_VERIFY_WITH_TIMEOUT(!effects().isEmpty(), waitMs);
    QVERIFY2(effects().contains(u"Now"_s), qPrintable(effects().join(u", "_s)));
    STEP(apply());
    QCOMPARE(cards(running()), 2);
    QCOMPARE(cards(stored()), 2);
    QTRY_VERIFY_WITH_TIMEOUT(cards(text()) == 2 && !m_editor->isModified(), waitMs);
    const auto said = [this] {
        const auto bars = m_window->findChildren<ui::MessageBar *>();
        return std::ranges::any_of(
            bars, [](const ui::MessageBar *bar) { return bar->isVisible() && bar->text().startsWith(u"Applied"_s); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(said(), waitMs);

    const QString byXml = stored();
    QVERIFY2(byXml.contains(u"52:54:00:00:00:02"_s), qPrintable(byXml));

    // Undone from the history.
    press(Qt::Key_H, Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(opened<ui::HistoryDialog>(), waitMs);
    auto *history = opened<ui::HistoryDialog>();
    QTRY_VERIFY_WITH_TIMEOUT(history->isReady(), waitMs);
    QTRY_VERIFY_WITH_TIMEOUT(history->findChild<QPushButton *>(u"historyRestore"_s)->isEnabled(), waitMs);
    QTRY_COMPARE(QGuiApplication::focusWindow(), history->windowHandle());
    press(Qt::Key_R, Qt::AltModifier);
    STEP(apply());
    QCOMPARE(cards(running()), 1);
    QCOMPARE(stored(), storedBefore);

    // The same edit on the hardware pages: the same definition.
    STEP(addCardByPages());
    STEP(apply());
    QCOMPARE(cards(running()), 2);
    QCOMPARE(stored(), byXml);
}

void TestXmlEditSystem::othersChangesAreMerged()
{
    STEP(goBehind(u"<name>web01</name>"_s));
    press(Qt::Key_Return);
    type(u"<title>Mine"_s);
    QVERIFY2(virsh({u"desc"_s, u"--config"_s, u"web01"_s, u"Theirs"_s}).ok(), "desc");
    QTRY_VERIFY_WITH_TIMEOUT(stored().contains(u"Theirs"_s), waitMs);
    press(Qt::Key_End);
    if (!text().contains(u"<title>Mine</title>"_s)) {
        type(u"</title>"_s);
    }
    QVERIFY2(text().contains(u"<title>Mine</title>"_s), qPrintable(text()));
    press(Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(opened<ui::MergeDialog>(), waitMs);
    auto *merge = opened<ui::MergeDialog>();
    QTRY_COMPARE(QGuiApplication::focusWindow(), merge->windowHandle());
    if (merge->findChild<QListWidget *>(u"conflicts"_s)->count() > 0) {
        press(Qt::Key_B, Qt::AltModifier); // both were put behind the name
    }
    auto *act = merge->findChild<QPushButton *>(u"mergeAct"_s);
    QTRY_VERIFY2_WITH_TIMEOUT(act->isEnabled(), qPrintable(act->toolTip()), waitMs);
    act->setFocus();
    press(Qt::Key_Space);
    STEP(apply());
    const QString result = stored();
    QVERIFY2(result.contains(u"<title>Mine</title>"_s) && result.contains(u"Theirs"_s), qPrintable(result));
}

void TestXmlEditSystem::refusedEditChangesNothing()
{
    const QString before = stored();
    const QString runningBefore = running();
    STEP(goBehind(u"</interface>"_s));
    press(Qt::Key_Return);
    // Valid by the schema, but there is no such network.
    type(u"<interface type='network'><source network='nowhere'/></interface>"_s);
    const QString typed = text();
    QVERIFY2(xml::SyntaxTree::parse(typed).isWellFormed(), qPrintable(typed));
    press(Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(opened<ui::ApplyDialog>(), waitMs);
    auto *dialog = opened<ui::ApplyDialog>();
    QTRY_COMPARE(QGuiApplication::focusWindow(), dialog->windowHandle());
    press(Qt::Key_A, Qt::AltModifier);
    const auto refused = [this] {
        const auto bars = m_window->findChildren<ui::MessageBar *>();
        return std::ranges::any_of(bars, [](const ui::MessageBar *bar) {
            return bar->isVisible() && bar->kind() == ui::MessageBar::Kind::Error && bar->text().contains(u"nowhere"_s);
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(refused(), jobMs);
    QCOMPARE(stored(), before);
    QCOMPARE(running(), runningBefore);
    QCOMPARE(text(), typed); // what was written is not lost
    QVERIFY(m_editor->isModified());
}

QTEST_MAIN(TestXmlEditSystem)
#include "tst_xmledit_system.moc"
