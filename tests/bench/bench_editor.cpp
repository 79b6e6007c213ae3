// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the XML editor costs the GUI thread with a definition of 10,000 lines: the time until its first screen is
// painted, and the longest time that the event loop does not come round, by the clock and by the processor: the
// difference is what other programs took. Prints "figure, limit, ok or MISSED".

#include <cstdio>
#include <functional>

#include <QApplication>
#include <QPlainTextEdit>
#include <QTest>
#include <QTextBlock>

#include "tests/bench/stallmeter.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;
using namespace vireo;

namespace {

constexpr double StallLimit = 50;
constexpr double PaintLimit = 200;

void figure(const char *what, double value, double limit)
{
    std::printf("  %-52s %8.2f ms, limit %.0f ms, %s\n", what, value, limit, value <= limit ? "ok" : "MISSED");
    std::fflush(stdout);
}

void stallFigure(const char *what, bench::StallMeter &stall)
{
    const double busy = stall.busyMs();
    const double stalled = stall.takeMs();
    std::printf("  %-44s %8.2f ms, computing %8.2f ms, limit %.0f ms, %s\n", what, stalled, busy, StallLimit,
        stalled <= StallLimit ? "ok" : (busy <= StallLimit ? "ok but for other programs" : "MISSED"));
    std::fflush(stdout);
}

/** A domain as libvirt writes it, with that many lines. */
QString definition(int lines)
{
    QString text = u"<domain type='kvm'>\n  <name>big</name>\n  <memory unit='KiB'>1048576</memory>\n"
                   "  <os>\n    <type arch='x86_64' machine='q35'>hvm</type>\n  </os>\n  <devices>\n"_s;
    int count = 7;
    for (int disk = 0; count + 9 < lines; ++disk, count += 7) {
        text += u"    <disk type='file' device='disk'>\n"
                "      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>\n"
                "      <source file='/var/lib/libvirt/images/disk-%1.qcow2'/>\n"
                "      <!-- number %1 -->\n"
                "      <target dev='vd%2' bus='virtio'/>\n"
                "      <serial>WD-%1</serial>\n"
                "    </disk>\n"_s.arg(disk)
                    .arg(QString(1 + disk / 26 % 3, QChar(u'a' + disk % 26)));
    }
    return text + u"  </devices>\n</domain>\n"_s;
}

/** Sees the first painting. */
class PaintWatch final : public QObject
{
public:
    explicit PaintWatch(QWidget *widget)
        : m_widget(widget)
    {
        widget->installEventFilter(this);
    }
    bool painted = false;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        painted = painted || (watched == m_widget && event->type() == QEvent::Paint);
        return false;
    }

private:
    QWidget *m_widget;
};

void spin(const std::function<bool()> &until)
{
    while (!until()) {
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    }
}

bool highlighted(const QPlainTextEdit &text, int lines)
{
    const QTextBlock last = text.document()->findBlockByNumber(lines - 2);
    return last.isValid() && !last.layout()->formats().isEmpty();
}

void open(const char *name, int lines)
{
    std::printf("%s\n", name);
    const QString text = definition(lines);
    const auto count = static_cast<int>(text.count(u'\n'));
    ui::XmlEditor editor;
    editor.resize(1000, 800);
    editor.setKind(xml::DocumentKind::Domain);
    editor.show();
    spin([&editor] { return editor.isVisible() && editor.isChecked(); });
    bench::StallMeter stall;
    PaintWatch paint(editor.editor()->viewport());
    spin([turns = 0]() mutable { return ++turns > 3; });
    stall.takeMs();
    QElapsedTimer clock;
    clock.start();
    paint.painted = false;
    editor.setXml(text);
    spin([&paint] { return paint.painted; });
    figure("first paint", static_cast<double>(clock.nsecsElapsed()) / 1e6, PaintLimit);
    spin([&] { return editor.isChecked() && highlighted(*editor.editor(), count); });
    std::printf(
        "  %-52s %8.2f ms\n", "loaded, highlighted and checked", static_cast<double>(clock.nsecsElapsed()) / 1e6);
    stallFigure("longest stall meanwhile", stall);

    const auto measure = [&](const char *what, const std::function<void()> &work) {
        spin([&] { return editor.isChecked() || editor.isReadOnly(); });
        QTest::qWait(50);
        stall.takeMs();
        work();
        spin([&] { return editor.isChecked(); });
        QTest::qWait(100);
        stallFigure(what, stall);
    };
    QPlainTextEdit *edit = editor.editor();
    editor.goTo({count / 2, 1});
    measure("keys in the middle", [edit] { QTest::keyClicks(edit, u"<x a"_s); });
    measure("undo", [edit] {
        for (int i = 0; i < 4; ++i) {
            edit->undo();
        }
    });
    measure("a comment that is opened at the top", [&] {
        editor.goTo({1, 1});
        QTest::keyClicks(edit, u"<!--"_s);
    });
    measure("undo of it", [edit] { edit->undo(); });
    measure("fold all", [edit] { QTest::keyClick(edit, Qt::Key_BracketLeft, Qt::ControlModifier | Qt::AltModifier); });
    measure(
        "unfold all", [edit] { QTest::keyClick(edit, Qt::Key_BracketRight, Qt::ControlModifier | Qt::AltModifier); });
    measure("re-indent all", [edit] { QTest::keyClick(edit, Qt::Key_I, Qt::ControlModifier | Qt::ShiftModifier); });
    measure("scroll to the end", [&] { editor.goTo({count, 1}); });
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("VIREO_BENCH_PLATFORM", u"offscreen"_s).toUtf8());
    const QApplication application(argc, argv);
    {
        bench::StallMeter stall;
        const ui::XmlEditor first; // reads the highlighter's definitions
        stallFigure("the first editor of the program", stall);
    }
    open("10,000 lines", 10'000);
    open("50,000 lines", 50'000);
    return 0;
}
