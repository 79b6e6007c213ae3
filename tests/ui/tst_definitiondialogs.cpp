// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTreeWidget>

#include "backend/virt/eventloop.h"
#include "tests/ui/dialogbed.h"
#include "ui/applydialog.h"
#include "ui/diffview.h"
#include "ui/historydialog.h"
#include "ui/mergedialog.h"
#include "ui/vmwindow.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using ui::DiffText;
using ui::DiffView;
using ui::LineMark;
using ui::MergeDialog;

namespace {

const QByteArray Node = R"(<node>
  <domain type='test'><name>web</name><uuid>11111111-1111-1111-1111-111111111111</uuid><memory>65536</memory>
    <os><type>hvm</type></os></domain>
  <memory>16777216</memory>
</node>)";
const QUuid Web(u"11111111-1111-1111-1111-111111111111"_s);

QString domain(const QString &memory, const QString &rest = {})
{
    return u"<domain type='test'>\n  <name>web</name>\n  <memory>%1</memory>\n  <os>\n    <type>hvm</type>\n  "
           "</os>\n%2</domain>\n"_s.arg(memory, rest);
}

} // namespace

class TestDefinitionDialogs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void linesStandBesideEachOther()
    {
        const DiffText text = DiffText::of(u"a\nb\nc\nd"_s, u"a\nB\nc\nx\ny\nd"_s);
        QCOMPARE(text.left, u"a\nb\nc\n\n\nd"_s);
        QCOMPARE(text.right, u"a\nB\nc\nx\ny\nd"_s);
        QCOMPARE(text.changes, (QList<int>{1, 3}));
        QCOMPARE(text.leftMarks,
            (QMap<int, LineMark>{{1, LineMark::Changed}, {3, LineMark::Filler}, {4, LineMark::Filler}}));
        QCOMPARE(
            text.rightMarks, (QMap<int, LineMark>{{1, LineMark::Changed}, {3, LineMark::Added}, {4, LineMark::Added}}));
        QCOMPARE(text.added, 3);
        QCOMPARE(text.removed, 1);
        QVERIFY(DiffText::of(u"a\n"_s, u"a"_s).changes.isEmpty()); // a last line end is no change
        const DiffText removed = DiffText::of(u"a\nb"_s, u"a"_s);
        QCOMPARE(removed.leftMarks.value(1), LineMark::Removed);
        QCOMPARE(removed.rightMarks.value(1), LineMark::Filler);
    }

    void differenceIsWalkedByKeys()
    {
        DiffView view;
        view.resize(800, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QString before = u"<a>\n"_s;
        for (int i = 0; i < 200; ++i) {
            before += u"  <b n='%1'/>\n"_s.arg(i);
        }
        before += u"</a>"_s;
        QString after = before;
        after.replace(u"n='20'"_s, u"n='twenty'"_s);
        after.replace(u"  <b n='150'/>\n"_s, QString());
        view.setTexts(before, after);
        QTRY_VERIFY(view.isReady());
        const auto side = [&view](const QString &name) {
            return view.findChild<ui::XmlEditor *>(name)->editor();
        };
        const QPlainTextEdit *left = side(u"diffLeft"_s);
        const QPlainTextEdit *right = side(u"diffRight"_s);
        const QPlainTextEdit *unified = side(u"diffUnified"_s);
        QTRY_COMPARE(left->textCursor().blockNumber(), 21);
        QTest::keyClick(&view, Qt::Key_F7);
        QCOMPARE(right->textCursor().blockNumber(), 151);
        QTRY_VERIFY(left->verticalScrollBar()->value() > 100);
        QTRY_COMPARE(left->verticalScrollBar()->value(), right->verticalScrollBar()->value());
        QTest::keyClick(&view, Qt::Key_F7, Qt::ShiftModifier);
        QCOMPARE(left->textCursor().blockNumber(), 21);
        auto *mode = view.findChild<QComboBox *>(u"diffMode"_s);
        mode->setFocus();
        QTest::keyClick(mode, Qt::Key_Down);
        QCOMPARE(view.mode(), DiffView::Mode::Unified);
        QVERIFY(unified->isVisible() && !left->isVisible());
        QVERIFY(unified->toPlainText().contains(u"\n+  <b n='twenty'/>\n"_s));
        QVERIFY(!unified->toPlainText().contains(u"n='100'"_s)); // what is the same is left out
        view.setTexts(before, before);
        QTRY_VERIFY(view.isReady());
        QCOMPARE(view.findChild<QLabel *>(u"diffCount"_s)->text(), u"No difference"_s);
    }

    void mergeWithoutConflictOnlyConfirms()
    {
        const QString base = domain(u"1024"_s);
        const xml::Merge merge =
            xml::mergeThreeWay(base, domain(u"2048"_s), domain(u"1024"_s, u"  <vcpu>2</vcpu>\n"_s));
        QCOMPARE(merge.conflicts(), 0);
        MergeDialog dialog(merge, xml::DocumentKind::Domain, nullptr);
        dialog.show();
        QVERIFY(dialog.merged().contains(u"2048"_s) && dialog.merged().contains(u"<vcpu>2"_s));
        QVERIFY(!dialog.findChild<QListWidget *>()->isVisible());
        auto *act = dialog.findChild<QPushButton *>(u"mergeAct"_s);
        QTRY_VERIFY2(act->isEnabled(), qPrintable(act->toolTip()));
        QSignalSpy accepted(&dialog, &QDialog::accepted);
        QTest::mouseClick(act, Qt::LeftButton);
        QCOMPARE(accepted.count(), 1);
    }

    void conflictsAreDecidedOneByOne()
    {
        const QString base = domain(u"1"_s, u"  <vcpu>1</vcpu>\n  <x/>\n  <title>t</title>\n"_s);
        const QString mine = domain(u"2"_s, u"  <vcpu>1</vcpu>\n  <x/>\n  <title>mine</title>\n"_s);
        const QString theirs = domain(u"3"_s, u"  <vcpu>1</vcpu>\n  <x/>\n  <title>theirs</title>\n"_s);
        MergeDialog dialog(xml::mergeThreeWay(base, mine, theirs), xml::DocumentKind::Domain, nullptr);
        dialog.show();
        QVERIFY(QTest::qWaitForWindowExposed(&dialog));
        QCOMPARE(dialog.openConflicts(), 2);
        const auto *act = dialog.findChild<QPushButton *>(u"mergeAct"_s);
        auto *list = dialog.findChild<QListWidget *>(u"conflicts"_s);
        QCOMPARE(list->count(), 2);
        QCOMPARE(list->currentRow(), 0);
        QVERIFY(!act->isEnabled());
        QVERIFY(dialog.merged().contains(u"<memory>2<"_s) && dialog.merged().contains(u"<memory>3<"_s)); // both, marked
        DialogBed::press(dialog, u"takeTheirs"_s);
        QCOMPARE(list->currentRow(), 1); // on to the next
        QVERIFY(list->item(0)->text().contains(u"theirs"_s));
        QVERIFY(!act->isEnabled());
        DialogBed::press(dialog, u"takeMine"_s);
        QCOMPARE(dialog.openConflicts(), 0);
        QCOMPARE(dialog.merged(), domain(u"3"_s, u"  <vcpu>1</vcpu>\n  <x/>\n  <title>mine</title>\n"_s));
        // A change of mind.
        list->setCurrentRow(0);
        DialogBed::press(dialog, u"takeBoth"_s);
        QVERIFY(dialog.merged().contains(u"  <memory>2</memory>\n  <memory>3</memory>\n"_s));
        DialogBed::press(dialog, u"takeMine"_s);
        QVERIFY(!dialog.merged().contains(u"<memory>3"_s));
    }

    void aMergeWithErrorsIsNotAccepted()
    {
        const QString base = u"<domain>\n<a/>\n</domain>"_s;
        MergeDialog dialog(
            xml::mergeThreeWay(base, u"<domain>\n<a>\n</domain>"_s, base), xml::DocumentKind::Domain, nullptr);
        dialog.show();
        const auto *act = dialog.findChild<QPushButton *>(u"mergeAct"_s);
        QTRY_VERIFY(act->toolTip().contains(u"errors"_s));
        QVERIFY(!act->isEnabled());
    }

    void effectsAreCounted()
    {
        using operation::EditEffect;
        using When = EditEffect::When;
        QCOMPARE(ui::ApplyDialog::summary({}), u"Only the form changes, nothing that libvirt keeps."_s);
        const QString text = ui::ApplyDialog::summary(
            {{When::Now, u"a"_s, {}}, {When::NextBoot, u"b"_s, u"why"_s}, {When::NextBoot, u"c"_s, {}}});
        QVERIFY2(text.contains(u"1 change"_s) && text.contains(u"2 change"_s), qPrintable(text));
    }

    void historyComparesAndRestores()
    {
        DialogBed bed(Node);
        QVERIFY(bed.connectHost());
        QTemporaryDir directory;
        ui::UiContext context = bed.context();
        context.history = directory.filePath(u"history"_s);
        QTRY_VERIFY(!bed.hosts().host(bed.host())->info().uri.isEmpty());
        const QString uri = bed.hosts().host(bed.host())->info().uri;
        operation::DefinitionHistory history(context.history);
        const QDateTime start = QDateTime::currentDateTimeUtc().addDays(-2);
        const QStringList memories{u"1111"_s, u"2222"_s};
        for (int i = 0; i < memories.size(); ++i) {
            const QString xml = domain(
                memories[i], u"  <devices>\n    <graphics type='vnc' passwd='sesame%1'/>\n  </devices>\n"_s.arg(i));
            const QString id = operation::DefinitionHistory::newId();
            QVERIFY(history.add(uri, Web, {id, start.addDays(i), u"Change %1"_s.arg(i), u"web"_s, xml}));
        }
        ui::HistoryDialog dialog(context, {bed.host(), Web}, domain(u"3333"_s), nullptr);
        dialog.show();
        QTRY_VERIFY(dialog.isReady());
        auto *list = dialog.findChild<QTreeWidget *>(u"historyList"_s);
        QTRY_COMPARE(list->topLevelItemCount(), 2);
        QCOMPARE(list->topLevelItem(0)->text(1), u"Change 1"_s); // newest first
        auto *diff = dialog.findChild<DiffView *>();
        QTRY_VERIFY(diff->isReady() && diff->text().left.contains(u"2222"_s));
        QVERIFY(diff->text().right.contains(u"3333"_s));
        QVERIFY(!diff->text().left.contains(u"sesame"_s)); // passwords are not shown
        list->setCurrentItem(list->topLevelItem(1));
        QTRY_VERIFY(diff->isReady() && diff->text().left.contains(u"1111"_s));
        auto *against = dialog.findChild<QComboBox *>(u"historyAgainst"_s);
        against->setCurrentIndex(1);
        Q_EMIT against->activated(1);
        QTRY_VERIFY(diff->isReady() && diff->text().right.contains(u"2222"_s));
        QSignalSpy restored(&dialog, &ui::HistoryDialog::restoreRequested);
        DialogBed::press(dialog, u"historyRestore"_s);
        QCOMPARE(restored.count(), 1);
        const auto edit = restored.first().first().value<operation::DefinitionEdit>();
        QVERIFY(edit.wanted.contains(u"1111"_s) && !edit.wanted.contains(u"sesame"_s));
        QCOMPARE(edit.base, domain(u"3333"_s));
        QVERIFY(!edit.restores.isEmpty()); // by which its password comes back
    }

    void anEmptyHistorySaysSo()
    {
        DialogBed bed(Node);
        QVERIFY(bed.connectHost());
        QTemporaryDir directory;
        ui::UiContext context = bed.context();
        context.history = directory.filePath(u"none"_s);
        ui::HistoryDialog dialog(context, {bed.host(), Web}, domain(u"1"_s), nullptr);
        dialog.show();
        QTRY_VERIFY(dialog.isReady());
        const auto labels = dialog.findChildren<QLabel *>();
        QVERIFY(std::ranges::any_of(labels,
            [](const QLabel *label) { return label->text().startsWith(u"No definition has been replaced"_s); }));
        QVERIFY(!dialog.findChild<QPushButton *>(u"historyRestore"_s)->isEnabled());
    }

    void editsAreNotLostByClosing()
    {
        DialogBed bed(Node);
        QVERIFY(bed.connectHost());
        ui::VmWindow window(bed.context(), {bed.host(), Web}, ui::VmPage::Page::Xml);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        auto *editor = window.findChild<ui::XmlEditor *>(u"xmlStored"_s);
        QTRY_VERIFY(editor->xml().contains(u"<name>web</name>"_s) && !editor->isReadOnly());
        QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
        QTRY_VERIFY(editor->editor()->hasFocus()); // by keyboard alone
        QTest::keyClick(editor->editor(), Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(editor->editor(), u" "_s);
        QVERIFY(editor->isModified());
        const auto question = [&window] {
            return window.findChild<QMessageBox *>(u"discardQuestion"_s);
        };
        QVERIFY(!window.close());
        QVERIFY(question());
        QVERIFY(!window.close()); // no second one
        QCOMPARE(window.findChildren<QMessageBox *>().size(), 1);
        QTest::keyClick(question(), Qt::Key_Escape);
        QTRY_VERIFY(!question());
        QVERIFY(window.isVisible());
        DialogBed::press(window, u"xmlDiscard"_s);
        QVERIFY(!editor->isModified());
        QTest::keyClicks(editor->editor(), u" "_s);
        QVERIFY(!window.close());
        for (QAbstractButton *button : question()->buttons()) {
            if (question()->buttonRole(button) == QMessageBox::DestructiveRole) {
                QTest::mouseClick(button, Qt::LeftButton);
                break;
            }
        }
        QTRY_VERIFY(!window.isVisible());
    }

private:
    std::unique_ptr<virt::EventLoop> m_loop;
};

QTEST_MAIN(TestDefinitionDialogs)
#include "tst_definitiondialogs.moc"
