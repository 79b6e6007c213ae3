// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The XML editor by the keys: typing, lines, folding, finding, moving.

#include <QClipboard>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "tests/ui/xmleditorbed.h"
#include "ui/colours.h"
#include "ui/messagebar.h"
#include "ui/xmlmargin.h"

using namespace vireo;
using namespace vireo::test;
using Qt::AltModifier;
using Qt::ControlModifier;
using Qt::ShiftModifier;

namespace {

const QString Sample = u"<domain>\n"
                       "  <devices>\n"
                       "    <disk>\n"
                       "      <target/>\n"
                       "    </disk>\n"
                       "    <nic>\n"
                       "      <model/>\n"
                       "    </nic>\n"
                       "  </devices>\n"
                       "</domain>"_s;

QString messageText(const ui::XmlEditor &editor)
{
    const auto *bar = editor.findChild<ui::MessageBar *>();
    return bar->isVisible() ? bar->text() : QString();
}

template<typename Widget>
Widget *named(const QWidget &in, const QString &name)
{
    const auto all = in.findChildren<Widget *>();
    for (Widget *widget : all) {
        if (widget->accessibleName() == name || widget->property("text").toString().remove(u'&') == name) {
            return widget;
        }
    }
    return nullptr;
}

bool marksAt(const QPlainTextEdit *text, int from, int to)
{
    const auto selections = text->extraSelections();
    return std::ranges::any_of(selections, [&](const QTextEdit::ExtraSelection &one) {
        return one.cursor.selectionStart() == from && one.cursor.selectionEnd() == to;
    });
}

} // namespace

class TestXmlEditor final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheTextAsItIs()
    {
        EditorBed bed;
        const QString odd = u"<a>\u00a0\u2003x\u2028y\t</a>\n\n"_s; // QPlainTextEdit makes blanks of the first
        bed.editor.setXml(odd);
        QCOMPARE(bed.editor.xml(), odd);
        QVERIFY(!bed.editor.isModified());
        QVERIFY(!bed.text()->document()->isUndoAvailable());
    }

    void typingIsUndone()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QSignalSpy edited(&bed.editor, &ui::XmlEditor::edited);
        QSignalSpy modified(&bed.editor, &ui::XmlEditor::modifiedChanged);
        bed.load(u"<a>|</a>"_s);
        QCOMPARE(edited.size(), 0);
        bed.type(u"xy"_s);
        QCOMPARE(bed.editor.xml(), u"<a>xy</a>"_s);
        QCOMPARE(edited.size(), 2);
        QVERIFY(bed.editor.isModified());
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a></a>"_s);
        QVERIFY(!bed.editor.isModified());
        bed.press(Qt::Key_Z, ControlModifier | ShiftModifier);
        QCOMPARE(bed.editor.xml(), u"<a>xy</a>"_s);
        QCOMPARE(modified.size(), 3);
        bed.editor.replaceXml(u"<a>xyz</a>"_s);
        QCOMPARE(bed.editor.xml(), u"<a>xyz</a>"_s);
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>xy</a>"_s);
    }

    void readOnlyTextStays()
    {
        EditorBed bed;
        bed.load(u"<a>|</a>"_s);
        bed.editor.setReadOnly(true);
        QVERIFY(bed.focused());
        bed.type(u"x<>'"_s);
        bed.press(Qt::Key_Return);
        bed.press(Qt::Key_Slash, ControlModifier);
        bed.press(Qt::Key_Up, AltModifier);
        QCOMPARE(bed.editor.xml(), u"<a></a>"_s);
        bed.editor.setReadOnly(false);
        bed.editor.setFocus();
        bed.type(u"x"_s);
        QVERIFY(bed.editor.xml().contains(u'x'));
    }

    void keysWrite_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("keys");
        QTest::addColumn<QString>("after");
        QTest::newRow("end tag") << u"<a|"_s << u">"_s << u"<a>|</a>"_s;
        QTest::newRow("end tag exists") << u"<a><b|</b></a>"_s << u">"_s << u"<a><b>|</b></a>"_s;
        QTest::newRow("end tag of the parent") << u"<a><b|</a>"_s << u">"_s << u"<a><b>|</b></a>"_s;
        QTest::newRow("empty element") << u"<a/|"_s << u">"_s << u"<a/>|"_s;
        QTest::newRow("bigger than in a value") << u"<a b='|'/>"_s << u">"_s << u"<a b='>|'/>"_s;
        QTest::newRow("bigger than in text") << u"<a>1|</a>"_s << u">"_s << u"<a>1>|</a>"_s;
        QTest::newRow("in a comment") << u"<!-- <a| -->"_s << u">"_s << u"<!-- <a>| -->"_s;
        QTest::newRow("slash") << u"<a><b/><|"_s << u"/"_s << u"<a><b/></a>|"_s;
        QTest::newRow("slash, over the end tag") << u"<a>1<|</a>"_s << u"/"_s << u"<a>1</a>|"_s;
        QTest::newRow("end tag typed out") << u"<a>|</a>"_s << u"<b>1</b>2"_s << u"<a><b>1</b>2|</a>"_s;
        QTest::newRow("end tag typed otherwise") << u"<a><b>1|"_s << u"</bx"_s << u"<a><b>1</b>x|"_s;
        QTest::newRow("slash, after a comment") << u"<a><!-- <c> --><|"_s << u"/"_s << u"<a><!-- <c> --></a>|"_s;
        QTest::newRow("slash on its line")
            << u"<a>\n  <b>\n      <|\n</a>"_s << u"/"_s << u"<a>\n  <b>\n  </b>|\n</a>"_s;
        QTest::newRow("slash, nothing open") << u"<a></a><|"_s << u"/"_s << u"<a></a></|"_s;
        QTest::newRow("quotes") << u"<a b=|>"_s << u"'"_s << u"<a b='|'>"_s;
        QTest::newRow("double quotes") << u"<a b=|/>"_s << u"\""_s << u"<a b=\"|\"/>"_s;
        QTest::newRow("over the closing quote") << u"<a b='x|'>"_s << u"'"_s << u"<a b='x'|>"_s;
        QTest::newRow("quote and value and quote") << u"<a b=|/>"_s << u"'x'"_s << u"<a b='x'|/>"_s;
        QTest::newRow("quote in text") << u"<a>it|</a>"_s << u"'"_s << u"<a>it'|</a>"_s;
        QTest::newRow("other quote in a value") << u"<a b='|'>"_s << u"\""_s << u"<a b='\"|'>"_s;
        QTest::newRow("enter") << u"<a>\n  <b/>|\n</a>"_s << u"\n"_s << u"<a>\n  <b/>\n  |\n</a>"_s;
        QTest::newRow("enter behind a start tag") << u"<a>\n  <b>|x"_s << u"\n"_s << u"<a>\n  <b>\n    |x"_s;
        QTest::newRow("enter between tags") << u"  <b>|</b>"_s << u"\n"_s << u"  <b>\n    |\n  </b>"_s;
        QTest::newRow("enter in a tag") << u"  <b c='d' |e='f'/>"_s << u"\n"_s << u"  <b c='d' \n      |e='f'/>"_s;
        QTest::newRow("enter in a comment") << u"  <!-- <b>| -->"_s << u"\n"_s << u"  <!-- <b>\n  | -->"_s;
        QTest::newRow("tab") << u"<a>\n|</a>"_s << u"\t"_s << u"<a>\n  |</a>"_s;
        QTest::newRow("tab at an odd column") << u"<a>|</a>"_s << u"\t"_s << u"<a> |</a>"_s;
        QTest::newRow("backspace in the indentation") << u"<a>\n    |<b/>"_s << u"\b"_s << u"<a>\n  |<b/>"_s;
        QTest::newRow("backspace in empty quotes") << u"<a b='|'>"_s << u"\b"_s << u"<a b=|>"_s;
        QTest::newRow("backspace else") << u"<a>xy|</a>"_s << u"\b"_s << u"<a>x|</a>"_s;
    }
    void keysWrite()
    {
        QFETCH(QString, before);
        QFETCH(QString, keys);
        QFETCH(QString, after);
        EditorBed bed;
        bed.editor.setKind({});
        QVERIFY(bed.focused());
        bed.load(before);
        for (const QChar key : std::as_const(keys)) {
            switch (key.unicode()) {
            case u'\n':
                bed.press(Qt::Key_Return);
                break;
            case u'\t':
                bed.press(Qt::Key_Tab);
                break;
            case u'\b':
                bed.press(Qt::Key_Backspace);
                break;
            default:
                bed.type(key);
            }
        }
        QCOMPARE(bed.marked(), after);
        // Each key is a step.
        for (qsizetype i = 0; i < keys.size(); ++i) {
            bed.press(Qt::Key_Z, ControlModifier);
        }
        QCOMPARE(bed.editor.xml(), QString(before).remove(u'|'));
    }

    void tabIndentsTheSelection()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>\n<b/>\n\n<c/>\n</a>"_s);
        bed.select(5, 12); // from <b/> into <c/>
        bed.press(Qt::Key_Tab);
        QCOMPARE(bed.editor.xml(), u"<a>\n  <b/>\n\n  <c/>\n</a>"_s);
        bed.press(Qt::Key_Backtab, ShiftModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n<b/>\n\n<c/>\n</a>"_s);
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n  <b/>\n\n  <c/>\n</a>"_s); // one step each
    }

    void thereIsAWayOutByKeyboard()
    {
        QWidget window;
        auto *layout = new QVBoxLayout(&window);
        auto *editor = new ui::XmlEditor(&window);
        auto *next = new QPushButton(u"next"_s, &window);
        layout->addWidget(editor);
        layout->addWidget(next);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        editor->setXml(u"<a/>"_s);
        editor->setFocus();
        QTest::keyClick(editor->editor(), Qt::Key_Tab);
        QVERIFY(editor->editor()->hasFocus());
        QVERIFY(editor->isModified());
        QTest::keyClick(editor->editor(), Qt::Key_Escape);
        QTest::keyClick(editor->editor(), Qt::Key_Tab);
        QVERIFY(!editor->editor()->hasFocus());
        editor->setFocus();
        QTest::keyClick(editor->editor(), Qt::Key_Tab, ControlModifier);
        QVERIFY(!editor->editor()->hasFocus());
        editor->setReadOnly(true);
        editor->setFocus();
        QTest::keyClick(editor->editor(), Qt::Key_Tab);
        QVERIFY(!editor->editor()->hasFocus());
    }

    void linesMoveAndDouble()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"one\ntw|o\nthree"_s);
        bed.press(Qt::Key_Up, AltModifier);
        QCOMPARE(bed.marked(), u"tw|o\none\nthree"_s);
        bed.press(Qt::Key_Up, AltModifier); // no further
        QCOMPARE(bed.marked(), u"tw|o\none\nthree"_s);
        bed.press(Qt::Key_Down, AltModifier);
        bed.press(Qt::Key_Down, AltModifier);
        QCOMPARE(bed.marked(), u"one\nthree\ntw|o"_s);
        bed.press(Qt::Key_Down, AltModifier);
        QCOMPARE(bed.marked(), u"one\nthree\ntw|o"_s);
        bed.press(Qt::Key_D, ControlModifier | ShiftModifier);
        QCOMPARE(bed.marked(), u"one\nthree\ntwo\ntw|o"_s);
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"one\nthree\ntwo"_s);
    }

    void commentToggles()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>\n  <b|/>\n</a>"_s);
        bed.press(Qt::Key_Slash, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n  <!-- <b/> -->\n</a>"_s);
        bed.press(Qt::Key_Slash, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n  <b/>\n</a>"_s);
        bed.press(Qt::Key_Slash, ControlModifier);
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n  <b/>\n</a>"_s); // one step
        bed.load(u"<a>\n<!-- x --> <b|/>\n</a>"_s);
        bed.select(0, 15);
        bed.press(Qt::Key_Slash, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n<!-- x --> <b/>\n</a>"_s);
        QVERIFY(messageText(bed.editor).contains(u"--"_s));
    }

    void elementsFold()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QString text = Sample;
        bed.load(text.insert(text.indexOf(u"<target"_s), u'|'));
        QTRY_VERIFY(bed.outlined());
        bed.press(Qt::Key_BracketLeft, ControlModifier | ShiftModifier);
        QCOMPARE(bed.visibleLines(), 8);
        QCOMPARE(bed.text()->textCursor().blockNumber(), 2); // the cursor is never in what is hidden
        QVERIFY(!bed.text()->document()->findBlockByNumber(3).isVisible());

        // Elsewhere lines come and go.
        QTextCursor top(bed.text()->document());
        top.setPosition(8);
        bed.text()->setTextCursor(top);
        bed.press(Qt::Key_Return);
        bed.type(u"<memory/>"_s);
        QTRY_VERIFY(bed.editor.isChecked());
        QCOMPARE(bed.visibleLines(), 9);
        QVERIFY(!bed.text()->document()->findBlockByNumber(4).isVisible());
        bed.press(Qt::Key_Z, ControlModifier);

        // Finding and going there unfold.
        bed.press(Qt::Key_BracketLeft, ControlModifier | AltModifier);
        QTRY_VERIFY(bed.visibleLines() < 9);
        bed.editor.goTo({4, 1});
        QVERIFY(bed.text()->textCursor().block().isVisible());
        bed.press(Qt::Key_BracketRight, ControlModifier | AltModifier);
        QCOMPARE(bed.visibleLines(), bed.text()->blockCount());
        QVERIFY(!bed.editor.xml().isEmpty());
    }

    void foldsSurviveAReload()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QString text = Sample;
        bed.load(text.insert(text.indexOf(u"<target"_s), u'|'));
        QTRY_VERIFY(bed.outlined());
        bed.press(Qt::Key_BracketLeft, ControlModifier | ShiftModifier);
        QCOMPARE(bed.visibleLines(), 8);
        bed.editor.setXml(Sample + u"\n"_s);
        QTRY_COMPARE(bed.visibleLines(), 9);
        bed.press(Qt::Key_BracketRight, ControlModifier | ShiftModifier);
        QTRY_COMPARE(bed.visibleLines(), 11);
    }

    void partnersAreMarked()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<domain>\n  <na|me>x</name>\n</domain>"_s);
        QTRY_VERIFY(marksAt(bed.text(), 12, 16));
        QVERIFY(marksAt(bed.text(), 20, 24));
        bed.load(u"<domain>\n  <na|me>x\n</domain>"_s); // no partner: red
        const auto red = [&bed] {
            const auto selections = bed.text()->extraSelections();
            return std::ranges::any_of(selections, [](const QTextEdit::ExtraSelection &one) {
                const QColor colour = one.format.background().color();
                return one.cursor.selectionStart() == 12 && colour.red() > colour.green() + 30;
            });
        };
        QTRY_VERIFY(red());
    }

    void selectsTheEnclosingElement()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a><b>x|y</b></a>"_s);
        const auto wider = [&bed] {
            bed.press(Qt::Key_A, ControlModifier | ShiftModifier);
            return bed.text()->textCursor().selectedText();
        };
        QTRY_VERIFY(bed.outlined());
        QCOMPARE(wider(), u"xy"_s);
        QCOMPARE(wider(), u"<b>xy</b>"_s);
        QCOMPARE(wider(), u"<a><b>xy</b></a>"_s);
    }

    void goesToALine()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(Sample);
        bed.press(Qt::Key_L, ControlModifier);
        auto *dialog = bed.editor.findChild<QInputDialog *>();
        QVERIFY(dialog);
        auto *spin = dialog->findChild<QSpinBox *>();
        spin->selectAll();
        QTest::keyClicks(spin, u"6"_s);
        QTest::keyClick(spin, Qt::Key_Return);
        QTRY_COMPARE(bed.text()->textCursor().blockNumber(), 5);
        bed.editor.goTo({99, 99});
        QCOMPARE(bed.text()->textCursor().blockNumber(), 9);
    }

    void findsAndReplaces()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"|<disk/>\n<Disk/>\n<diskette/>\n<disk/>"_s);
        bed.press(Qt::Key_F, ControlModifier);
        auto *find = named<QLineEdit>(bed.editor, u"Find"_s);
        QVERIFY(find && find->isVisible());
        QTest::keyClicks(find, u"disk"_s);
        const auto count = [&bed] {
            QStringList texts;
            const auto labels = bed.editor.findChildren<QLabel *>();
            for (const QLabel *label : labels) {
                if (label->isVisible()) {
                    texts.append(label->text());
                }
            }
            return texts.join(u'|');
        };
        QVERIFY2(count().contains(u"1 of 4"_s), qPrintable(count()));
        QTest::keyClick(find, Qt::Key_Return);
        QVERIFY(count().contains(u"2 of 4"_s));
        QTest::keyClick(find, Qt::Key_F3, ShiftModifier);
        QTest::keyClick(find, Qt::Key_F3, ShiftModifier);
        QVERIFY(count().contains(u"4 of 4"_s)); // round
        QCOMPARE(bed.text()->textCursor().blockNumber(), 3);
        named<QToolButton>(bed.editor, u"Match case"_s)->click();
        QVERIFY2(count().contains(u" of 3"_s), qPrintable(count()));
        named<QToolButton>(bed.editor, u"Whole words"_s)->click();
        QVERIFY(count().contains(u" of 2"_s));
        named<QToolButton>(bed.editor, u"Regular expression"_s)->click();
        find->setText(u"<(\\w+"_s);
        QVERIFY2(count().contains(u"Not a regular expression"_s), qPrintable(count()));
        named<QToolButton>(bed.editor, u"Whole words"_s)->click();
        find->setText(u"<(\\w+)/>"_s);
        QVERIFY(count().contains(u"of 4"_s));

        QTest::keyClick(find, Qt::Key_H, ControlModifier);
        auto *with = named<QLineEdit>(bed.editor, u"Replace with"_s);
        if (!with->isVisible()) { // where Ctrl+H is no standard key
            QTest::keyClick(bed.text(), Qt::Key_H, ControlModifier);
        }
        QVERIFY(with->isVisible());
        with->setText(u"<\\1 x='\\1'/>"_s);
        named<QPushButton>(bed.editor, u"Replace all"_s)->click();
        QCOMPARE(bed.editor.xml(), u"<disk x='disk'/>\n<Disk x='Disk'/>\n<diskette x='diskette'/>\n<disk x='disk'/>"_s);
        QVERIFY(count().contains(u"4 replaced"_s));
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<disk/>\n<Disk/>\n<diskette/>\n<disk/>"_s); // one step
        QTest::keyClick(find, Qt::Key_Escape);
        QVERIFY(!find->isVisible());
        QVERIFY(bed.text()->hasFocus());
    }

    void replacesOneByOne()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"|a a a"_s);
        bed.press(Qt::Key_H, ControlModifier);
        auto *find = named<QLineEdit>(bed.editor, u"Find"_s);
        auto *with = named<QLineEdit>(bed.editor, u"Replace with"_s);
        QVERIFY(with->isVisible());
        QTest::keyClicks(find, u"a"_s);
        with->setFocus();
        QTest::keyClicks(with, u"aa"_s);
        QTest::keyClick(with, Qt::Key_Return);
        QTest::keyClick(with, Qt::Key_Return);
        QCOMPARE(bed.editor.xml(), u"aa aa a"_s); // what was put in is not found again
    }

    void anExplodingPatternGivesUp()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(QString(9'000, u'a') + u"!"_s);
        bed.press(Qt::Key_F, ControlModifier);
        named<QToolButton>(bed.editor, u"Regular expression"_s)->click();
        QElapsedTimer clock;
        clock.start();
        named<QLineEdit>(bed.editor, u"Find"_s)->setText(u"(a+)+(b+)+$"_s);
        QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
    }

    void reindents()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"<a>\n<b>\n   <c/>\n</b>\n</a>|"_s);
        bed.press(Qt::Key_I, ControlModifier | ShiftModifier);
        QTRY_COMPARE(bed.editor.xml(), u"<a>\n  <b>\n    <c/>\n  </b>\n</a>"_s);
        bed.press(Qt::Key_Z, ControlModifier);
        QCOMPARE(bed.editor.xml(), u"<a>\n<b>\n   <c/>\n</b>\n</a>"_s);
    }

    void zooms()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QSignalSpy changed(&bed.editor, &ui::XmlEditor::zoomChanged);
        const double size = bed.text()->font().pointSizeF();
        bed.press(Qt::Key_Plus, ControlModifier);
        bed.press(Qt::Key_Equal, ControlModifier);
        QCOMPARE(bed.text()->font().pointSizeF(), size + 2);
        bed.press(Qt::Key_Minus, ControlModifier);
        QCOMPARE(bed.editor.zoom(), 1);
        bed.press(Qt::Key_0, ControlModifier);
        QCOMPARE(bed.text()->font().pointSizeF(), size);
        QCOMPARE(changed.size(), 4);
        QWheelEvent wheel(QPointF(5, 5), bed.text()->viewport()->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, 120),
            Qt::NoButton, ControlModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(bed.text()->viewport(), &wheel);
        QCOMPARE(bed.editor.zoom(), 1);
        bed.editor.setZoom(-2); // as it was remembered
        QCOMPARE(bed.text()->font().pointSizeF(), size - 2);
    }

    void theMarginFolds()
    {
        EditorBed bed;
        bed.load(Sample);
        QVERIFY(bed.focused());
        QTRY_VERIFY(bed.outlined());
        auto *margin = bed.editor.findChild<ui::XmlMargin *>();
        QTextCursor line(bed.text()->document()->findBlockByNumber(2));
        const int y = bed.text()->cursorRect(line).center().y();
        QTest::mouseClick(margin, Qt::LeftButton, {}, QPoint(margin->width() - 4, y));
        QCOMPARE(bed.visibleLines(), 8);
        QTest::mouseClick(margin, Qt::LeftButton, {}, QPoint(margin->width() - 4, y));
        QCOMPARE(bed.visibleLines(), 10);
        QTest::mouseClick(margin, Qt::LeftButton, {}, QPoint(margin->width() / 2, y)); // the number: the line
        QCOMPARE(bed.text()->textCursor().selectedText().trimmed(), u"<disk>"_s);
    }

    void linesAreMarked()
    {
        EditorBed bed;
        bed.editor.setReadOnly(true);
        bed.load(Sample);
        QVERIFY(bed.focused());
        const auto paperOf = [&bed](int number) {
            const QTextCursor line(bed.text()->document()->findBlockByNumber(number));
            const QImage shot = bed.text()->viewport()->grab().toImage();
            return shot.pixelColor(shot.width() - 5, bed.text()->cursorRect(line).center().y());
        };
        const QColor plain = paperOf(4);
        bed.editor.setMarkedLines({{4, ui::LineMark::Added}, {5, ui::LineMark::Removed}});
        QVERIFY(paperOf(4) != plain);
        QVERIFY(paperOf(4).green() > paperOf(4).red());
        QVERIFY(paperOf(5).red() > paperOf(5).green());
        QCOMPARE(paperOf(6), plain);
        bed.editor.setMarkedLines({});
        QCOMPARE(paperOf(4), plain);
    }

    void theMenuNamesTheKeys()
    {
        EditorBed bed;
        bed.load(Sample);
        QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(10, 10), bed.text()->mapToGlobal(QPoint(10, 10)));
        QCoreApplication::sendEvent(bed.text(), &event);
        auto *menu = bed.editor.findChild<QMenu *>();
        QVERIFY(menu && menu->isVisible());
        QStringList shown;
        const auto collect = [&shown](const QMenu *of, const auto &again) -> void {
            const auto actions = of->actions();
            for (const QAction *action : actions) {
                if (action->menu()) {
                    again(action->menu(), again);
                } else if (!action->isSeparator()) {
                    shown.append(QString(action->text()).remove(u'&') + u' ' + action->shortcut().toString());
                }
            }
        };
        collect(menu, collect);
        for (const QString &wanted : {u"Undo Ctrl+Z"_s, u"Find… Ctrl+F"_s, u"Go to Line… Ctrl+L"_s,
                 u"Next Problem F8"_s, u"Complete Ctrl+Space"_s, u"Comment Ctrl+/"_s, u"Re-indent Ctrl+Shift+I"_s,
                 u"Move Up Alt+Up"_s, u"Fold Ctrl+Shift+["_s, u"Larger Ctrl++"_s}) {
            QVERIFY2(shown.contains(wanted), qPrintable(wanted + u" in "_s + shown.join(u", ")));
        }
        menu->close();
    }

    void coloursFollowThePalette()
    {
        EditorBed bed;
        bed.load(u"<domain type='kvm'><!-- x -->text &amp; more</domain>"_s);
        const auto worst = [&bed] {
            double least = 21;
            const QColor paper = bed.text()->palette().color(QPalette::Base);
            const auto formats = bed.text()->document()->firstBlock().layout()->formats();
            for (const auto &range : formats) {
                if (range.format.hasProperty(QTextFormat::ForegroundBrush)) {
                    least = std::min(least, ui::colours::contrast(range.format.foreground().color(), paper));
                }
            }
            return formats.isEmpty() ? 0 : least;
        };
        QTRY_VERIFY2(worst() >= 4.5, qPrintable(QString::number(worst())));
        QPalette dark(QColor(0x31, 0x36, 0x3b), QColor(0x23, 0x26, 0x29));
        dark.setColor(QPalette::Text, QColor(0xef, 0xf0, 0xf1));
        dark.setColor(QPalette::Base, QColor(0x1b, 0x1e, 0x20));
        bed.editor.setPalette(dark);
        QTRY_VERIFY2(worst() >= 4.5, qPrintable(QString::number(worst())));
    }

    void highlightingFollowsEdits()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        bed.load(u"|\n<a/>\n<b/>"_s);
        const auto formats = [&bed](int line) {
            return bed.text()->document()->findBlockByNumber(line).layout()->formats();
        };
        const auto element = formats(2);
        QVERIFY(!element.isEmpty());
        bed.type(u"<!--"_s); // all that follows is a comment now
        QTRY_VERIFY(formats(2) != element);
        const auto comment = formats(2);
        QCOMPARE(comment.size(), 1);
        bed.type(u"-->"_s);
        QTRY_COMPARE(formats(2), element);
    }

    void keepsItsPlace()
    {
        EditorBed bed;
        QVERIFY(bed.focused());
        QString text = u"<a>\n"_s;
        for (int line = 0; line < 300; ++line) {
            text += u"  <b n='%1'/>\n"_s.arg(line);
        }
        bed.editor.setXml(text + u"</a>"_s);
        bed.text()->verticalScrollBar()->setValue(150);
        bed.editor.setXml(text + u"  <changed/>\n</a>"_s);
        QCOMPARE(bed.text()->verticalScrollBar()->value(), 150);
    }
};

QTEST_MAIN(TestXmlEditor)
#include "tst_xmleditor.moc"
