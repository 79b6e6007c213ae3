// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What workers tell the XML editor about its text: problems, completions, documentation; and text that is too much.

#include <QClipboard>
#include <QHelpEvent>
#include <QListWidget>
#include <QMimeData>
#include <QScrollBar>
#include <QToolButton>
#include <QToolTip>

#include "tests/ui/xmleditorbed.h"
#include "ui/messagebar.h"

using namespace vireo;
using namespace vireo::test;
using Qt::ControlModifier;
using Qt::ShiftModifier;
using xml::Diagnostic;

namespace {

QWidget *popup(const EditorBed &bed)
{
    return bed.text()->findChild<QWidget *>(u"xmlCompletions"_s);
}

QStringList offered(const EditorBed &bed)
{
    QStringList labels;
    const QWidget *shown = popup(bed);
    if (shown->isVisible()) {
        const auto *list = shown->findChild<QListWidget *>();
        for (int row = 0; row < list->count(); ++row) {
            labels.append(list->item(row)->text());
        }
    }
    return labels;
}

QStringList popupTexts(const EditorBed &bed)
{
    QStringList texts;
    const auto labels = popup(bed)->findChildren<QLabel *>();
    for (const QLabel *label : labels) {
        texts.append(label->text());
    }
    return texts;
}

QString messageText(const ui::XmlEditor &editor)
{
    const auto *bar = editor.findChild<ui::MessageBar *>();
    return bar->isVisible() ? bar->text() + u' ' + bar->hint() : QString();
}

QString manyLines(int lines)
{
    QString text = u"<domain type='kvm'>\n  <devices>\n"_s;
    for (int line = 4; line < lines; ++line) {
        text += u"    <disk type='file' device='disk'><target dev='vd%1' bus='virtio'/></disk>\n"_s.arg(line);
    }
    return text + u"  </devices>\n</domain>\n"_s;
}

/** The longest time that the event loop did not come round. */
class Stalls final : public QObject
{
public:
    Stalls()
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] { longest = std::max(longest, m_clock.restart()); });
        m_clock.start();
        m_timer.start(1);
    }
    qint64 longest = 0;

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
};

} // namespace

class TestXmlChecking final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void problemsAreShown()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QSignalSpy checked(&bed.editor, &ui::XmlEditor::checked);
        bed.load(u"<domain>\n  <wrong/>\n  <odd/>\n</domain>"_s);
        QVERIFY(!bed.editor.isChecked());
        QTRY_VERIFY(bed.editor.isChecked());
        QCOMPARE(checked.size(), 1);
        QCOMPARE(bed.editor.diagnostics().size(), 2);
        QVERIFY(bed.editor.hasErrors());
        QCOMPARE(bed.summary(), u"2 problems. Line 2: <wrong> may not stand here."_s);
        const auto underlined = [&bed](int from, int to) {
            const auto selections = bed.text()->extraSelections();
            return std::ranges::any_of(selections, [&](const QTextEdit::ExtraSelection &one) {
                return one.format.underlineStyle() == QTextCharFormat::WaveUnderline
                    && one.cursor.selectionStart() == from && one.cursor.selectionEnd() == to;
            });
        };
        QTRY_VERIFY(underlined(12, 17));
        QVERIFY(underlined(23, 26));

        bed.press(Qt::Key_F8);
        QCOMPARE(bed.text()->textCursor().position(), 12);
        QCOMPARE(bed.summary(), u"1 of 2. Line 2: <wrong> may not stand here. Ask for help."_s);
        bed.press(Qt::Key_F8);
        QCOMPARE(bed.text()->textCursor().position(), 23);
        bed.press(Qt::Key_F8); // round
        QCOMPARE(bed.text()->textCursor().position(), 12);
        bed.press(Qt::Key_F8, ShiftModifier);
        QCOMPARE(bed.text()->textCursor().position(), 23);

        // They move along until the next check.
        bed.language->slow = true;
        bed.press(Qt::Key_Home, ControlModifier);
        bed.type(u"x"_s);
        QVERIFY(!bed.editor.isChecked());
        QCOMPARE(bed.editor.diagnostics().at(0).range, (xml::TextRange{13, 18}));
        QTRY_VERIFY(underlined(13, 18));
        bed.language->slow = false;
        bed.language->gate.release(10);
        QTRY_VERIFY(bed.editor.isChecked());

        bed.editor.setXml(u"<domain/>"_s);
        QTRY_COMPARE(bed.summary(), u"Valid by libvirt's schema"_s);
        QVERIFY(!bed.editor.hasErrors());
        QVERIFY(bed.editor.diagnostics().isEmpty());
    }

    void theListLeadsToTheLine()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<domain>\n  <odd/>\n  <wrong/>\n</domain>"_s);
        QTRY_VERIFY(bed.editor.isChecked());
        QListWidget *list = nullptr;
        const auto lists = bed.editor.findChildren<QListWidget *>();
        for (QListWidget *one : lists) {
            if (one->accessibleName() == u"Problems"_s) {
                list = one;
            }
        }
        QVERIFY(list && !list->isVisible());
        const auto buttons = bed.editor.findChildren<QToolButton *>();
        for (QToolButton *button : buttons) {
            if (button->accessibleName() == u"Problems"_s) {
                button->click();
            }
        }
        QVERIFY(list->isVisible());
        QCOMPARE(list->count(), 2);
        QCOMPARE(list->item(1)->text(), u"Line 3: <wrong> may not stand here. Ask for help."_s);
        QVERIFY(list->item(1)->data(Qt::AccessibleTextRole).toString().startsWith(u"Error"_s));
        QVERIFY(list->item(0)->data(Qt::AccessibleTextRole).toString().startsWith(u"Warning"_s));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(list->item(1)).center());
        QCOMPARE(bed.text()->textCursor().blockNumber(), 2);
        QVERIFY(bed.text()->hasFocus());
    }

    void theNewestTextWins()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QTRY_VERIFY(bed.editor.isChecked()); // the empty text
        bed.language->checks = 0;
        bed.language->slow = true;
        QSignalSpy checked(&bed.editor, &ui::XmlEditor::checked);
        bed.load(u"<a>|</a>"_s);
        QTRY_COMPARE(bed.language->checks.load(), 1);
        bed.type(u"wrong"_s); // while the first is under way
        QTRY_COMPARE(bed.language->stopped.load(), 1);
        bed.language->slow = false;
        QTRY_VERIFY(bed.editor.isChecked());
        QCOMPARE(checked.size(), 1);
        QCOMPARE(bed.editor.diagnostics().size(), 1);
        QVERIFY(bed.language->checks <= 3); // not one for each key
    }

    void anEditorMayGoWhileItIsChecked()
    {
        const auto language = std::make_shared<FakeLanguage>();
        language->slow = true;
        {
            ui::XmlEditor editor;
            editor.setLanguages([language](xml::DocumentKind) -> Result<ui::XmlLanguagePtr> { return language; });
            editor.setKind(xml::DocumentKind::Domain);
            editor.setXml(u"<a/>"_s);
            QTRY_COMPARE(language->checks.load(), 1);
        }
        QTRY_COMPARE(language->stopped.load(), 1);
    }

    void withoutSchemasWellFormednessIsChecked()
    {
        EditorBed bed;
        bed.editor.setLanguages([](xml::DocumentKind) -> Result<ui::XmlLanguagePtr> {
            return fail({Error::Kind::NotFound, u"None here."_s, u"Install the package."_s, 0, 0});
        });
        bed.editor.setXml(u"<a><b></a>"_s);
        QTRY_VERIFY(bed.editor.isChecked());
        QVERIFY(bed.editor.hasErrors());
        bed.editor.setXml(u"<a><b/></a>"_s);
        QTRY_VERIFY2(bed.summary().contains(u"libvirt's schemas are not installed here"_s), qPrintable(bed.summary()));
        bed.editor.setKind({});
        QTRY_COMPARE(bed.summary(), u"Well-formed"_s);
    }

    void readOnlyTextIsNotChecked()
    {
        EditorBed bed;
        bed.editor.setReadOnly(true);
        bed.editor.setXml(u"<wrong/>"_s);
        QTRY_VERIFY(bed.outlined());
        QVERIFY(!bed.editor.isChecked());
        QVERIFY(bed.editor.diagnostics().isEmpty());
        QVERIFY(!bed.editor.findChild<QLabel *>(u"xmlSummary"_s)->isVisible());
        bed.editor.setReadOnly(false);
        QTRY_COMPARE(bed.editor.diagnostics().size(), 1);
    }

    void aFragmentIsCheckedInItsPlace()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.editor.setFragment({u"domain"_s, u"devices"_s});
        bed.load(u"<disk>\n <wrong/>\n</disk>"_s);
        QTRY_VERIFY(bed.editor.isChecked());
        QCOMPARE(bed.editor.diagnostics().size(), 1);
        QCOMPARE(bed.editor.diagnostics().at(0).range, (xml::TextRange{9, 14}));
        QCOMPARE(bed.editor.diagnostics().at(0).place, (xml::TextPlace{2, 3}));
        bed.editor.setXml(u"<wrong/>"_s);
        QTRY_VERIFY(bed.editor.isChecked() && bed.editor.diagnostics().size() == 1);
        QCOMPARE(bed.editor.diagnostics().at(0).place, (xml::TextPlace{1, 2}));
        bed.editor.setXml(u"</devices>"_s); // must not close the frame
        QTRY_VERIFY(bed.editor.isChecked());
        QVERIFY(bed.editor.hasErrors());
        bed.load(u"|"_s);
        bed.type(u"<di"_s);
        QTRY_COMPARE(offered(bed), QStringList{u"disk"_s});
        bed.press(Qt::Key_Return);
        QCOMPARE(bed.marked(), u"<disk type='|'></disk>"_s);
    }

    void completesByKeys()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<domain>|</domain>"_s);
        bed.type(u"<"_s);
        QTRY_COMPARE(offered(bed), (QStringList{u"devices"_s, u"disk"_s}));
        QVERIFY(popupTexts(bed).contains(u"What the machine is made of."_s));
        bed.press(Qt::Key_Down);
        QVERIFY(popupTexts(bed).contains(u"A disk <b>of</b> the machine."_s)); // as it is, no markup
        bed.type(u"de"_s);
        QTRY_COMPARE(offered(bed), QStringList{u"devices"_s});
        bed.press(Qt::Key_Backspace);
        QTRY_COMPARE(offered(bed), (QStringList{u"devices"_s, u"disk"_s}));
        bed.press(Qt::Key_Escape);
        QVERIFY(offered(bed).isEmpty());
        bed.press(Qt::Key_Space, ControlModifier);
        QTRY_COMPARE(offered(bed).size(), 2);
        bed.press(Qt::Key_Up); // round: the last
        bed.press(Qt::Key_Tab);
        QCOMPARE(bed.marked(), u"<domain><disk type='|'></disk></domain>"_s);
        QTRY_COMPARE(offered(bed), (QStringList{u"block"_s, u"file"_s, u"network"_s})); // it goes on
        bed.type(u"f"_s);
        QTRY_COMPARE(offered(bed), QStringList{u"file"_s});
        bed.press(Qt::Key_Return);
        QCOMPARE(bed.marked(), u"<domain><disk type='file|'></disk></domain>"_s);
        QVERIFY(offered(bed).isEmpty());
        bed.type(u"'"_s);
        bed.type(u" "_s);
        QTRY_COMPARE(offered(bed), (QStringList{u"device"_s, u"type"_s}));
        bed.press(Qt::Key_Escape);
        bed.press(Qt::Key_Z, ControlModifier); // the blank
        bed.press(Qt::Key_Z, ControlModifier); // "file" as a whole
        QCOMPARE(bed.editor.xml(), u"<domain><disk type='f'></disk></domain>"_s);
    }

    void aValueOffersAll()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        xml::HostVocabulary host;
        host.networks = {u"lan"_s};
        bed.editor.setVocabulary(host);
        bed.load(u"<disk type='net|work'/>"_s);
        bed.press(Qt::Key_Space, ControlModifier);
        QTRY_COMPARE(offered(bed), (QStringList{u"block"_s, u"file"_s, u"network"_s, u"lan"_s}));
        bed.press(Qt::Key_Down);
        bed.press(Qt::Key_Return);
        QCOMPARE(bed.marked(), u"<disk type='file|'/>"_s); // the whole value
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<disk type='network'/>"_s);
    }

    void quotesOpenTheList()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<disk type=|/>"_s);
        bed.type(u"'"_s);
        QTRY_COMPARE(offered(bed).size(), 3);
        bed.editor.clearFocus();
        QTRY_VERIFY(offered(bed).isEmpty());
    }

    void noListInComments()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<!-- | --><a>|</a>"_s);
        bed.type(u"<"_s);
        bed.press(Qt::Key_Space, ControlModifier);
        QTRY_VERIFY(bed.editor.isChecked());
        QVERIFY(offered(bed).isEmpty());
    }

    void aLateListIsNotShown()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>|</a>"_s);
        bed.type(u"<"_s);
        bed.press(Qt::Key_Left); // before the answer comes
        QTRY_VERIFY(bed.editor.isChecked());
        QVERIFY(offered(bed).isEmpty());
    }

    void hoveringExplains()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<domain>\n  <wrong/>\n</domain>"_s);
        QTRY_VERIFY(bed.editor.isChecked());
        const auto hoverAt = [&bed](int position) {
            QTextCursor cursor(bed.text()->document());
            cursor.setPosition(position);
            const QPoint place = bed.text()->cursorRect(cursor).center();
            QHelpEvent event(QEvent::ToolTip, place, bed.text()->viewport()->mapToGlobal(place));
            QCoreApplication::sendEvent(bed.text()->viewport(), &event);
        };
        hoverAt(4);
        QTRY_VERIFY(QToolTip::text().contains(u"&lt;domain&gt;"_s));
        QVERIFY(QToolTip::text().contains(u"It is &lt;b&gt;what&lt;/b&gt; it is."_s));
        QVERIFY(QToolTip::text().contains(u"Allowed: one, two"_s));
        hoverAt(14);
        QTRY_VERIFY(QToolTip::text().contains(u"may not stand here"_s));
        QVERIFY(QToolTip::text().contains(u"Ask for help."_s));
        QToolTip::hideText();
    }

    void brokenCharactersAreReplacedWhenPasted()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>|</a>"_s);
        QString bad = u"x"_s + QChar(0) + u"y"_s + QChar(0xd800) + u"z\u0001\U0001f600\ttab"_s;
        QGuiApplication::clipboard()->setText(bad);
        bed.press(Qt::Key_V, ControlModifier);
        QVERIFY2(bed.editor.xml().contains(u"\U0001f600\ttab"_s), qPrintable(bed.editor.xml()));
        QVERIFY(!bed.editor.xml().contains(QChar(0)));
        QVERIFY(bed.editor.xml().contains(u'\uFFFD'));
        QVERIFY2(messageText(bed.editor).contains(u"XML can't hold"_s), qPrintable(messageText(bed.editor)));
        // Shown as it is when it comes from elsewhere.
        bed.editor.setXml(bad);
        QCOMPARE(bed.editor.xml(), bad);
        QTRY_VERIFY(bed.editor.isChecked());
        bed.editor.grab();
    }

    void tooMuchIsRefused()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>|</a>"_s);
        QGuiApplication::clipboard()->setText(QString(ui::XmlEditor::maxText, u'\n'));
        bed.press(Qt::Key_V, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a></a>"_s);
        QVERIFY(messageText(bed.editor).contains(u"4 MiB"_s));
        QGuiApplication::clipboard()->setText(QString(ui::XmlEditor::maxLine + 1, u'x'));
        bed.press(Qt::Key_V, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a></a>"_s);
        QVERIFY(messageText(bed.editor).contains(u"line of"_s));

        const Stalls stalls;
        const QString huge = manyLines(100'000);
        QVERIFY(huge.size() > ui::XmlEditor::maxText);
        bed.editor.setXml(huge);
        QCOMPARE(bed.editor.xml(), huge);
        QVERIFY(bed.text()->isReadOnly());
        QVERIFY(messageText(bed.editor).contains(u"too long"_s));
        const QString line = u"<a b='"_s + QString(2 * 1024 * 1024, u'x') + u"'/>"_s;
        bed.editor.setXml(line);
        QCOMPARE(bed.editor.xml(), line);
        QVERIFY(bed.text()->isReadOnly());
        QTRY_VERIFY(bed.text()->blockCount() > 200);
        bed.editor.grab();
        bed.editor.setXml(u"<a/>"_s);
        QVERIFY(!bed.text()->isReadOnly());
        QVERIFY(messageText(bed.editor).isEmpty());
        QTest::qWait(50);
        QVERIFY2(stalls.longest < 2000, qPrintable(QString::number(stalls.longest))); // sanitizers, a busy machine
    }

    void libvirtsSchemaChecks()
    {
        ui::XmlEditor editor;
        editor.setKind(xml::DocumentKind::Domain);
        editor.setXml(u"<domain type='qemu'>\n  <name>a</name>\n  <memory>1024</memory>\n  <os><type>hvm</type></os>\n"
                      "  <devices>\n    <disk typ='file' device='disk'>\n      <target dev='vda'/>\n"
                      "    </disk>\n  </devices>\n</domain>\n"_s);
        QTRY_VERIFY_WITH_TIMEOUT(editor.isChecked(), 30000);
        QVERIFY(editor.hasErrors());
        QCOMPARE(editor.diagnostics().constFirst().place.line, 6);
        QVERIFY2(editor.diagnostics().constFirst().message.contains(u"typ"_s),
            qPrintable(editor.diagnostics().constFirst().message));
        editor.replaceXml(editor.xml().replace(u"typ="_s, u"type="_s));
        QTRY_VERIFY_WITH_TIMEOUT(editor.isChecked(), 30000);
        QVERIFY2(editor.diagnostics().isEmpty(), qPrintable(editor.diagnostics().value(0).message));
    }

    void libvirtsSchemaCompletes()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.editor.setLanguages(ui::installedLanguages());
        bed.load(u"<domain type='qemu'>\n  <name>a</name>\n  |\n</domain>"_s);
        bed.type(u"<dev"_s);
        QTRY_VERIFY_WITH_TIMEOUT(offered(bed).contains(u"devices"_s), 30000);
        while (
            offered(bed).size() > 1 && popup(bed)->findChild<QListWidget *>()->currentItem()->text() != u"devices"_s) {
            bed.press(Qt::Key_Down);
        }
        bed.press(Qt::Key_Return);
        QVERIFY2(bed.marked().contains(u"<devices>|</devices>"_s), qPrintable(bed.marked()));
        bed.press(Qt::Key_Return);
        bed.type(u"<interf"_s);
        QTRY_VERIFY_WITH_TIMEOUT(offered(bed).contains(u"interface"_s), 30000);
        bed.press(Qt::Key_Tab);
        QVERIFY2(bed.editor.xml().contains(u"\n    <interface"_s), qPrintable(bed.marked()));
        QTRY_VERIFY_WITH_TIMEOUT(offered(bed).contains(u"network"_s), 30000); // the values of its type
    }

    void libvirtsSchemaChecksOneDevice()
    {
        ui::XmlEditor editor;
        editor.setKind(xml::DocumentKind::Domain);
        editor.setFragment({u"domain"_s, u"devices"_s});
        editor.setXml(u"<interface type='network'>\n  <source network='default'/>\n</interface>"_s);
        QTRY_VERIFY_WITH_TIMEOUT(editor.isChecked(), 30000);
        QVERIFY2(editor.diagnostics().isEmpty(), qPrintable(editor.diagnostics().value(0).message));
        editor.setXml(u"<interface type='network'>\n  <sourc network='default'/>\n</interface>"_s);
        QTRY_VERIFY_WITH_TIMEOUT(editor.isChecked(), 30000);
        QVERIFY(editor.hasErrors());
        const Diagnostic first = editor.diagnostics().constFirst();
        QVERIFY2(first.range.from < editor.xml().size() && first.place.line <= 2, qPrintable(first.message));
    }

    void aLongDocumentOpensInSlices()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        const QString text = manyLines(10'000);
        const Stalls stalls;
        QElapsedTimer clock;
        clock.start();
        bed.editor.setXml(text);
        bed.editor.grab();
        const qint64 first = clock.elapsed();
        QVERIFY(!bed.text()->document()->firstBlock().layout()->formats().isEmpty()); // highlighted at once
        QCOMPARE(bed.editor.xml(), text);                                             // while it is loaded
        QVERIFY(!bed.editor.isModified());
        QTRY_COMPARE(bed.text()->blockCount(), 10'001);
        QTRY_VERIFY_WITH_TIMEOUT(bed.editor.isChecked(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(!bed.text()->document()->lastBlock().previous().layout()->formats().isEmpty(), 30000);
        QCOMPARE(bed.editor.xml(), text);
        QVERIFY(!bed.editor.isModified());
        QVERIFY(!bed.text()->document()->isUndoAvailable());
        QVERIFY(!bed.text()->isReadOnly());
        bed.type(u"x"_s);
        QCOMPARE(bed.editor.xml().size(), text.size() + 1);
        // Generous: sanitizers on a busy machine. The bench has the real bounds.
        QVERIFY2(first < 2000, qPrintable(QString::number(first)));
        QVERIFY2(stalls.longest < 1000, qPrintable(QString::number(stalls.longest)));
    }

    void editsDuringTheLoadWait()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        const QString text = manyLines(10'000);
        bed.editor.setXml(text);
        bed.type(u"x"_s); // not yet
        QCOMPARE(bed.editor.xml(), text);
        bed.editor.replaceXml(text + u"<!-- more -->"_s); // completes the load first
        QCOMPARE(bed.editor.xml(), text + u"<!-- more -->"_s);
        QVERIFY(bed.text()->document()->isUndoAvailable());
        bed.editor.setXml(u"<a/>"_s);
        QCOMPARE(bed.editor.xml(), u"<a/>"_s);
    }
};

QTEST_MAIN(TestXmlChecking)
#include "tst_xmlchecking.moc"
