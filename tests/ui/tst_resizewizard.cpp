// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <mutex>

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeWidget>

#include "backend/virt/eventloop.h"
#include "tests/ui/migratebed.h"
#include "ui/expander.h"
#include "ui/fieldgrid.h"
#include "ui/flavours.h"
#include "ui/messagebar.h"
#include "ui/planpage.h"
#include "ui/resizewizard.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::ResizeDraft;
using operation::ResizeEffect;
using operation::ResizeFacts;

namespace {

constexpr quint64 GiB = 1024ULL * 1024 * 1024;

/** What the wizard asked its services for last. Any thread. */
struct Asked {
    std::mutex mutex;
    ResizeDraft draft;
    virt::HostId destination;
    operation::MigrateDraft pair;
    int plans = 0;
};

ResizeFacts factsOf(const virt::DomainRecord &record)
{
    ResizeFacts facts;
    facts.edit.domain = record;
    facts.edit.domain.vcpus = 2;
    facts.edit.domain.maxVcpus = 4;
    facts.edit.domain.memoryKiB = 2 * GiB / 1024;
    facts.edit.domain.maxMemoryKiB = 4 * GiB / 1024;
    facts.edit.stored =
        u"<domain><name>%1</name><cpu><topology sockets='2' cores='2' threads='1'/></cpu><devices>"
        "<interface type='network'><source network='lan'/></interface></devices></domain>"_s.arg(record.name);
    const auto disk = [&facts](const QString &target, const QString &format, quint64 capacity, int layers,
                          operation::DiskContent::Kind content) {
        snapshot::DiskNow now;
        now.target = target;
        now.bus = u"virtio"_s;
        for (int i = 0; i < layers; ++i) {
            const QString path = u"/images/%1-%2"_s.arg(target).arg(i);
            now.chain.append({path, format});
            facts.disks.files[path].pool = u"images"_s;
        }
        facts.disks.disks.append(now);
        facts.capacities.insert(target, capacity);
        facts.contents.insert(target, {.kind = content, .name = u"ext4"_s});
    };
    disk(u"vda"_s, u"qcow2"_s, 20 * GiB, 2, operation::DiskContent::Kind::Partitioned);
    disk(u"vdb"_s, u"raw"_s, 5 * GiB / 2, 1, operation::DiskContent::Kind::Ext);
    snapshot::DiskNow medium;
    medium.target = u"sda"_s;
    medium.canSnapshot = false;
    facts.disks.disks.append(medium);
    for (const QString &name : {u"images"_s, u"fast"_s}) {
        virt::storage::Pool pool;
        pool.name = name;
        pool.active = true;
        facts.pools.append(pool);
    }
    return facts;
}

QList<ResizeEffect> effectsOf(const ResizeFacts &facts, const ResizeDraft &draft)
{
    using When = ResizeEffect::When;
    QList<ResizeEffect> effects;
    if (draft.vcpus) {
        effects.append({u"vcpus"_s, *draft.vcpus > facts.edit.domain.maxVcpus ? When::PowerOff : When::Now,
            u"%1 vCPUs in place of 2"_s.arg(*draft.vcpus),
            *draft.vcpus > facts.edit.domain.maxVcpus ? u"The maximum is 4."_s : QString()});
    }
    if (draft.memoryKiB) {
        effects.append(
            {u"memory"_s, When::NextBoot, u"more memory"_s, u"There is no slot for another memory device."_s});
    }
    for (const ResizeDraft::Disk &disk : draft.disks) {
        effects.append({disk.target, disk.isRemade() ? When::PowerOff : When::Now, u"it changes"_s,
            disk.isRemade() ? u"Its file is made anew."_s : QString()});
    }
    return effects;
}

bool needsPowerOff(const ResizeFacts &facts, const ResizeDraft &draft)
{
    const QList<ResizeEffect> effects = effectsOf(facts, draft);
    return std::ranges::any_of(
        effects, [](const ResizeEffect &effect) { return effect.when == ResizeEffect::When::PowerOff; });
}

ui::ResizeServices servicesOf(MigrateBed &bed, const std::shared_ptr<Asked> &asked)
{
    ui::ResizeServices services;
    services.migrate = bed.services();
    const QMap<QUuid, virt::DomainRecord> records{{bed.web().domain, *bed.inventory().domain(bed.web())},
        {bed.mail().domain, *bed.inventory().domain(bed.mail())}};
    services.facts = [records](virt::Connection &, const QUuid &domain, const std::stop_token &) {
        return Result<ResizeFacts>(factsOf(records.value(domain)));
    };
    services.effects = &effectsOf;
    services.findings = [](const ResizeFacts &, const ResizeDraft &draft) {
        QList<job::Finding> findings;
        if (draft.disk(u"vda"_s) && draft.disk(u"vda"_s)->capacity > 1000 * GiB) {
            findings.append({job::Finding::Severity::Blocker, u"The pool images has only 100 GiB left."_s, {}, {}});
        }
        return findings;
    };
    services.needsPowerOff = &needsPowerOff;
    const auto plan = [asked](const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft,
                          const virt::HostId &destination) {
        {
            const std::lock_guard lock(asked->mutex);
            asked->draft = draft;
            asked->destination = destination;
            ++asked->plans;
        }
        job::Plan made;
        made.operation = u"resize"_s;
        made.title = u"Resize %1"_s.arg(facts.edit.domain.name);
        made.host = host;
        made.domain = facts.edit.domain.uuid;
        made.domainName = facts.edit.domain.name;
        made.verdict = u"Ready: it grows."_s;
        made.xmlBefore = facts.edit.stored;
        made.xmlAfter = facts.edit.stored;
        job::Step step;
        step.type = u"test.migrate"_s;
        step.title = u"Resize"_s;
        made.steps.append(step);
        return made;
    };
    services.plan = [plan](const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft) {
        return plan(host, facts, draft, {});
    };
    services.planCold = [plan](const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &facts,
                            const operation::MigrateFacts &, const ResizeDraft &draft) {
        return plan(source, facts, draft, destination);
    };
    services.migrate.pair = [asked, original = services.migrate.pair](const virt::ConnectionPtr &from,
                                const virt::ConnectionPtr &to, const operation::MigrateSource &source,
                                const operation::MigrateDestination &there, const operation::MigrateDraft &draft,
                                bool probe, const std::stop_token &stop) {
        {
            const std::lock_guard lock(asked->mutex);
            asked->pair = draft;
        }
        return original(from, to, source, there, draft, probe, stop);
    };
    return services;
}

/** The one that can be seen, by its accessible name or its text. */
template<typename T>
T *field(const QWidget &page, const QString &name)
{
    T *hidden = nullptr;
    for (T *each : page.findChildren<T *>()) {
        if (each->accessibleName() == name || each->property("text").toString().remove(u'&') == name) {
            if (each->isVisible()) {
                return each;
            }
            hidden = each;
        }
    }
    return hidden;
}

void press(const QWidget &window, const QString &text)
{
    auto *button = field<QPushButton>(window, text);
    QVERIFY2(button, qPrintable(text));
    QTRY_VERIFY2(button->isEnabled(), qPrintable(text + u": "_s + button->toolTip()));
    QTest::mouseClick(button, Qt::LeftButton);
}

void pick(QComboBox *box, const QString &text)
{
    QVERIFY(box);
    const int row = box->findText(text, Qt::MatchStartsWith);
    QVERIFY2(row >= 0, qPrintable(text));
    QVERIFY(box->isEnabled());
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Home);
    for (int i = 0; i < row; ++i) {
        QTest::keyClick(box, Qt::Key_Down);
    }
    QCOMPARE(box->currentIndex(), row);
}

/** As a user does: selects what stands there and types over it. */
void type(QAbstractSpinBox *box, const QString &text)
{
    QVERIFY(box);
    QVERIFY(box->isEnabled());
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, text);
    QTest::keyClick(box, Qt::Key_Tab);
}

/** What stands below a field. */
QString note(const QWidget *widget)
{
    return widget->accessibleDescription();
}

/** Mnemonics of what can be seen, each as often as it is used. */
QStringList mnemonics(const QWidget &window)
{
    QStringList keys;
    const auto take = [&keys](const QString &text) {
        const QString key = QKeySequence::mnemonic(text).toString();
        if (!key.isEmpty()) {
            keys.append(key);
        }
    };
    for (const QWidget *widget : window.findChildren<QWidget *>()) {
        if (!widget->isVisible()) {
            continue;
        }
        if (const auto *button = qobject_cast<const QAbstractButton *>(widget)) {
            take(button->text());
        } else if (const auto *label = qobject_cast<const QLabel *>(widget); label && label->buddy()) {
            take(label->text());
        } else if (const auto *tabs = qobject_cast<const QTabBar *>(widget)) {
            for (int i = 0; i < tabs->count(); ++i) {
                take(tabs->isTabVisible(i) ? tabs->tabText(i) : QString());
            }
        }
    }
    keys.sort();
    return keys;
}

/** Gone at the end of its test, also when that fails: it works on the test's hosts. */
class Opened final
{
    Q_DISABLE_COPY_MOVE(Opened)

public:
    explicit Opened(ui::ResizeWizard *wizard)
        : m_wizard(wizard)
    {}
    ~Opened() { close(); }
    void close() const { delete m_wizard; }
    ui::ResizeWizard *operator->() const { return m_wizard; }
    ui::ResizeWizard &operator*() const { return *m_wizard; }
    explicit operator bool() const { return !m_wizard.isNull(); }

private:
    QPointer<ui::ResizeWizard> m_wizard;
};

} // namespace

#define STEP(call)                                                                                                     \
    do {                                                                                                               \
        call;                                                                                                          \
        if (QTest::currentTestFailed())                                                                                \
            return;                                                                                                    \
    } while (false)

/** The wizard on facts made by hand, driven by its buttons and fields. */
class TestResizeWizard final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<virt::EventLoop> m_loop;

    static ui::ResizeWizard *open(MigrateBed &bed, const virt::DomainKey &domain, const ui::ResizeServices &services)
    {
        auto *wizard = new ui::ResizeWizard(bed.context(), domain, {}, nullptr, services);
        wizard->show();
        wizard->activateWindow();
        return wizard;
    }

    static ResizeDraft draftOf(const std::shared_ptr<Asked> &asked)
    {
        const std::lock_guard lock(asked->mutex);
        return asked->draft;
    }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }

    void growsFromFirstToLastPage()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, asked)));
        QCOMPARE(wizard->windowTitle(), u"Resize"_s);
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        auto *memory = field<QSpinBox>(*wizard, u"Memory"_s);
        QVERIFY(vcpus && memory);
        QTRY_VERIFY(vcpus->isEnabled());
        QCOMPARE(vcpus->value(), 2);
        QCOMPARE(memory->value(), 2048);
        auto *root = field<QDoubleSpinBox>(*wizard, u"Root disk"_s);
        auto *second = field<QDoubleSpinBox>(*wizard, u"Disk vdb"_s);
        QVERIFY(root && second);
        QVERIFY(!field<QDoubleSpinBox>(*wizard, u"Disk sda"_s)); // a medium has no size to change
        QCOMPARE(root->text(), u"20 GiB"_s);
        QCOMPARE(second->text(), QLocale().toString(2.5) + u" GiB"_s);

        STEP(type(vcpus, u"4"_s));
        STEP(type(root, u"25"_s));
        QTRY_COMPARE(note(vcpus), u"Now: 4 vCPUs in place of 2."_s);
        QTRY_VERIFY(note(root).startsWith(u"Now: it changes.\nInside the guest: its partition"_s));
        QVERIFY(note(second).isEmpty());
        STEP(press(*wizard, u"Next"_s));

        QVERIFY(field<QComboBox>(*wizard, u"Destination"_s)->currentText().startsWith(u"This host"_s));
        auto *when = field<QComboBox>(*wizard, u"When"_s);
        QTRY_VERIFY(note(when).contains(u"while it runs"_s));
        QVERIFY(!field<QComboBox>(*wizard, u"Confirmation"_s)->isEnabled()); // there is nothing to go back to
        STEP(press(*wizard, u"Next"_s));
        QTRY_VERIFY(wizard->planPage()->plan());
        STEP(press(*wizard, u"Resize"_s));
        QTRY_VERIFY(!wizard);

        ResizeDraft expected;
        expected.vcpus = 4;
        ResizeDraft::Disk disk;
        disk.target = u"vda"_s;
        disk.capacity = 25 * GiB;
        expected.disks.append(disk);
        QCOMPARE(draftOf(asked), expected);
        QVERIFY(asked->destination.isNull());
        QCOMPARE(bed.jobs().jobs().size(), 1);
        QCOMPARE(bed.jobs().job(bed.jobs().jobs().constFirst())->state, job::JobState::Done);
    }

    void saysWhenEachTakesEffectAndWhatItIsShutDownFor()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, asked)));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        auto *memory = field<QSpinBox>(*wizard, u"Memory"_s);
        STEP(type(vcpus, u"6"_s));
        STEP(type(memory, u"3072"_s));
        QTRY_COMPARE(note(vcpus), u"Needs power off: 6 vCPUs in place of 2. The maximum is 4."_s);
        QTRY_COMPARE(note(memory), u"At the next boot: more memory. There is no slot for another memory device."_s);
        // The maximum, and the topology with it, followed.
        QCOMPARE(wizard->state().draft().maxVcpus, std::optional(6));
        QCOMPARE(wizard->state().wantedTopology(), (ResizeDraft::Topology{3, 2, 1}));
        STEP(press(*wizard, u"Next"_s));
        QTRY_VERIFY(note(field<QComboBox>(*wizard, u"When"_s)).contains(u"has to be shut down"_s));
        auto *confirmation = field<QComboBox>(*wizard, u"Confirmation"_s);
        QVERIFY(confirmation->isEnabled());
        auto *hours = field<QSpinBox>(*wizard, u"Hours until it is confirmed"_s);
        QVERIFY(!hours->isVisible());
        STEP(pick(confirmation, u"Automatically, some time"_s));
        QTRY_VERIFY(hours->isVisible());
        STEP(type(hours, u"48"_s));
        STEP(type(field<QSpinBox>(*wizard, u"Shutdown time limit"_s), u"60"_s));
        QTest::mouseClick(field<QCheckBox>(*wizard, u"Switch it off if it does not"_s), Qt::LeftButton);
        STEP(pick(field<QComboBox>(*wizard, u"Afterwards"_s), u"It stays off"_s));
        STEP(press(*wizard, u"Next"_s));
        QTRY_VERIFY(wizard->planPage()->plan());
        STEP(press(*wizard, u"Resize"_s));
        QTRY_VERIFY(!wizard);
        const ResizeDraft draft = draftOf(asked);
        QCOMPARE(draft.memoryKiB, std::optional<quint64>(3072 * 1024));
        QVERIFY(!draft.maxMemoryKiB); // that was enough
        QCOMPARE(draft.confirm, ResizeDraft::Confirm::Auto);
        QCOMPARE(draft.confirmHours, 48);
        QCOMPARE(draft.timeoutSeconds, 60);
        QVERIFY(draft.force);
        QCOMPARE(draft.after, ResizeDraft::After::Off);

        // The next one begins with what was chosen.
        const Opened again(open(bed, bed.mail(), servicesOf(bed, asked)));
        QCOMPARE(again->state().draft().confirmHours, 48);
        QCOMPARE(again->state().draft().timeoutSeconds, 60);
        QVERIFY(again->state().draft().force);
    }

    void goingBackToWhatItHasSaysNothing()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        STEP(type(vcpus, u"8"_s));
        QVERIFY(wizard->state().hasChanges());
        STEP(type(vcpus, u"2"_s));
        STEP(type(field<QDoubleSpinBox>(*wizard, u"Root disk"_s), u"30"_s));
        STEP(type(field<QDoubleSpinBox>(*wizard, u"Root disk"_s), u"20"_s));
        QCOMPARE(wizard->state().draft(), ResizeDraft());
        QVERIFY(!wizard->state().hasChanges());
        STEP(press(*wizard, u"Next"_s));
        auto *next = field<QPushButton>(*wizard, u"Next"_s);
        QVERIFY(!next->isEnabled());
        QVERIFY2(next->toolTip().contains(u"Nothing would change"_s), qPrintable(next->toolTip()));
    }

    void refusesToShrinkWhereItIsTyped()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, asked)));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        auto *root = field<QDoubleSpinBox>(*wizard, u"Root disk"_s);
        STEP(type(root, u"19.5"_s));
        QVERIFY2(note(root).contains(u"can't be made smaller"_s), qPrintable(note(root)));
        auto *next = field<QPushButton>(*wizard, u"Next"_s);
        QVERIFY(!next->isEnabled());
        QVERIFY(next->toolTip().contains(u"vda"_s));
        STEP(type(root, u"20.5"_s));
        QVERIFY(!note(root).contains(u"can't be made smaller"_s));
        QVERIFY(next->isEnabled());
        // What only the hosts know is said on the page as well.
        STEP(type(root, u"2000"_s));
        QTRY_VERIFY(std::ranges::any_of(wizard->findChildren<ui::MessageBar *>(), [](const ui::MessageBar *bar) {
            return bar->isVisible() && bar->text() == u"The pool images has only 100 GiB left."_s;
        }));
        QCOMPARE(asked->plans, 0);
    }

    void changesTheFormOfADisk()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        QTRY_VERIFY(field<QSpinBox>(*wizard, u"vCPUs"_s)->isEnabled());
        auto *more = field<QToolButton>(*wizard, u"More of vda: format, bus, pool"_s);
        QVERIFY(more);
        QTest::mouseClick(more, Qt::LeftButton);
        auto *format = wizard->findChild<QComboBox *>(u"diskFormat-vda"_s);
        auto *pool = wizard->findChild<QComboBox *>(u"diskPool-vda"_s);
        QTRY_VERIFY(format->isVisible());
        QCOMPARE(format->currentText(), u"qcow2"_s);
        QCOMPARE(pool->currentText(), u"images (where it is)"_s);
        STEP(pick(format, u"raw"_s));
        STEP(pick(pool, u"fast"_s));
        STEP(pick(wizard->findChild<QComboBox *>(u"diskBus-vda"_s), u"scsi"_s));
        QTest::mouseClick(wizard->findChild<QCheckBox *>(u"diskFlatten-vda"_s), Qt::LeftButton);
        QVERIFY(!wizard->findChild<QCheckBox *>(u"diskFlatten-vdb"_s)->isEnabled()); // one file already
        const ResizeDraft::Disk disk = wizard->state().wantedDisk(u"vda"_s);
        QCOMPARE(disk.format, u"raw"_s);
        QCOMPARE(disk.pool, u"fast"_s);
        QCOMPARE(disk.bus, u"scsi"_s);
        QVERIFY(disk.flatten);
        QTRY_VERIFY(note(field<QDoubleSpinBox>(*wizard, u"Root disk"_s)).startsWith(u"Needs power off"_s));
        STEP(pick(format, u"qcow2"_s));
        QCOMPARE(wizard->state().wantedDisk(u"vda"_s).format, QString());
    }

    void keepsFlavours()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        auto *flavour = field<QComboBox>(*wizard, u"Flavour"_s);
        QCOMPARE(flavour->currentText(), u"Free choice"_s);
        STEP(pick(flavour, u"Large"_s));
        QCOMPARE(vcpus->value(), 4);
        QCOMPARE(field<QSpinBox>(*wizard, u"Memory"_s)->value(), 8192);
        QCOMPARE(wizard->state().wantedDisk(u"vda"_s).capacity, 80 * GiB);
        STEP(pick(flavour, u"Tiny"_s)); // its disk is smaller
        QCOMPARE(wizard->state().wantedDisk(u"vda"_s).capacity, 0U);
        QVERIFY(note(flavour).contains(u"can't be made smaller"_s));
        QCOMPARE(vcpus->value(), 1);

        STEP(type(vcpus, u"3"_s));
        QCOMPARE(flavour->currentText(), u"Free choice"_s);
        STEP(press(*wizard, u"Manage"_s));
        auto *name = field<QLineEdit>(*wizard, u"Name of the flavour"_s);
        auto *keep = field<QPushButton>(*wizard, u"Keep These Sizes"_s);
        QTRY_VERIFY(name->isVisible());
        QVERIFY(!keep->isEnabled());
        name->setFocus();
        QTest::keyClicks(name, u"Web server"_s);
        STEP(press(*wizard, u"Keep These Sizes"_s));
        QCOMPARE(flavour->currentText(), u"Web server: 3 vCPUs, 512 MiB, disk of 20 GiB"_s);
        name->selectAll();
        QTest::keyClicks(name, u"Front"_s);
        STEP(press(*wizard, u"Rename"_s));
        const ui::Flavour kept{u"Front"_s, 3, 512, 20, false};
        QCOMPARE(ui::Flavours(bed.settings()).all().constFirst(), kept);
        wizard.close();

        const Opened again(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        QTRY_VERIFY(field<QSpinBox>(*again, u"vCPUs"_s)->isEnabled());
        STEP(pick(field<QComboBox>(*again, u"Flavour"_s), u"Front"_s));
        QCOMPARE(again->state().draft().vcpus, std::optional(3));
        STEP(press(*again, u"Manage"_s));
        auto *list = field<QListWidget>(*again, u"Kept flavours"_s);
        QTRY_VERIFY(list->isVisible());
        QCOMPARE(list->count(), 1);
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Space);
        STEP(press(*again, u"Delete"_s));
        QVERIFY(!ui::Flavours(bed.settings()).contains(u"Front"_s));
        QCOMPARE(list->count(), 0);
    }

    void movesToAnotherHost()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, asked)));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        STEP(type(vcpus, u"4"_s));
        STEP(press(*wizard, u"Next"_s));
        auto *maps = wizard->findChild<QTreeWidget *>(u"migrateMaps"_s);
        QVERIFY(maps && !maps->isVisible());
        auto *destination = field<QComboBox>(*wizard, u"Destination"_s);
        STEP(pick(destination, u"rack-8"_s));
        QTRY_VERIFY(maps->isVisible());
        QTRY_VERIFY(field<QComboBox>(*wizard, u"Network lan at the destination"_s)
            && field<QComboBox>(*wizard, u"Network lan at the destination"_s)->count() == 2);
        STEP(pick(field<QComboBox>(*wizard, u"Network lan at the destination"_s), u"office"_s));
        QVERIFY(!field<QComboBox>(*wizard, u"When"_s)->isEnabled()); // only while it is off
        QVERIFY(field<QComboBox>(*wizard, u"Confirmation"_s)->isEnabled());
        QTest::mouseClick(
            field<QCheckBox>(*wizard, u"Keep its files at the source, also once it is confirmed"_s), Qt::LeftButton);
        QTest::mouseClick(field<QCheckBox>(*wizard, u"Read copies back and compare them"_s), Qt::LeftButton);
        STEP(press(*wizard, u"Next"_s));
        QTRY_VERIFY(wizard->planPage()->plan());
        auto *preflight = wizard->findChild<QTreeView *>(u"preflight"_s);
        QCOMPARE(preflight->model()->rowCount(), 2);
        auto *tabs = wizard->planPage()->findChild<QTabWidget *>();
        QVERIFY(tabs->isTabVisible(tabs->indexOf(preflight)));
        QCOMPARE(tabs->currentIndex(), 0); // the plan is what one sees first
        STEP(press(*wizard, u"Resize"_s));
        QTRY_VERIFY(!wizard);
        const ResizeDraft draft = draftOf(asked);
        QCOMPARE(draft.to, bed.hosts().host(bed.id(1))->settings().uri);
        QCOMPARE(draft.map.networks, (QMap<QString, QString>{{u"lan"_s, u"office"_s}}));
        QVERIFY(draft.keepSource && draft.verify);
        QCOMPARE(draft.vcpus, std::optional(4));
        QCOMPARE(asked->destination, bed.id(1));
        QCOMPARE(asked->pair.to, draft.to);
        QCOMPARE(asked->pair.mode, operation::MigrateDraft::Mode::Cold);
    }

    void aDestinationThatGoesIsNoDestination()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        QTRY_VERIFY(field<QSpinBox>(*wizard, u"vCPUs"_s)->isEnabled());
        STEP(press(*wizard, u"Next"_s));
        auto *destination = field<QComboBox>(*wizard, u"Destination"_s);
        STEP(pick(destination, u"rack-9"_s));
        QVERIFY(wizard->state().moves());
        bed.hosts().host(bed.id(2))->disconnectFromHost();
        QTRY_VERIFY(!wizard->state().moves());
        QVERIFY(wizard->state().draft().to.isEmpty());
        QVERIFY(destination->currentText().startsWith(u"This host"_s));
        QCOMPARE(destination->count(), 2);
        QVERIFY(!field<QPushButton>(*wizard, u"Next"_s)->isEnabled());
    }

    void whatCanNotBeReadIsSaidAndWhatHangsIsLeftBehind()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        ui::ResizeServices services = servicesOf(bed, std::make_shared<Asked>());
        services.facts = [](virt::Connection &, const QUuid &, const std::stop_token &) {
            return Result<ResizeFacts>(fail(Error::failed(u"The host is on fire."_s)));
        };
        const Opened wizard(open(bed, bed.web(), services));
        QTRY_VERIFY(std::ranges::any_of(wizard->findChildren<ui::MessageBar *>(),
            [](const ui::MessageBar *bar) { return bar->isVisible() && bar->text() == u"The host is on fire."_s; }));
        QVERIFY(!field<QSpinBox>(*wizard, u"vCPUs"_s)->isEnabled());
        QVERIFY(!field<QPushButton>(*wizard, u"Next"_s)->isEnabled());
        wizard.close();

        const auto stopped = std::make_shared<std::atomic_bool>(false);
        const auto began = std::make_shared<std::atomic_bool>(false);
        services.facts = [stopped, began](virt::Connection &, const QUuid &, const std::stop_token &stop) {
            *began = true;
            while (!stop.stop_requested()) {
                QThread::msleep(1);
            }
            *stopped = true;
            return Result<ResizeFacts>(fail(Error::cancelled()));
        };
        const Opened again(open(bed, bed.web(), services));
        QTRY_VERIFY(began->load());
        QTest::keyClick(&*again, Qt::Key_Escape);
        QTRY_VERIFY(!again);
        QTRY_VERIFY(stopped->load());
    }

    void aPlanThatIsLeftIsStopped()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        ui::ResizeServices services = servicesOf(bed, asked);
        const auto calls = std::make_shared<std::atomic_int>(0);
        const auto stopped = std::make_shared<std::atomic_bool>(false);
        services.facts = [calls, stopped, facts = services.facts](
                             virt::Connection &connection, const QUuid &domain, const std::stop_token &stop) {
            if (++*calls > 1) { // the first is the page's
                while (!stop.stop_requested()) {
                    QThread::msleep(1);
                }
                *stopped = true;
            }
            return facts(connection, domain, stop);
        };
        const Opened wizard(open(bed, bed.web(), services));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        STEP(type(vcpus, u"4"_s));
        QTest::keyClick(vcpus, Qt::Key_Return, Qt::ControlModifier); // straight to the plan
        QCOMPARE(wizard->currentPage(), 2);
        QTRY_COMPARE(calls->load(), 2);
        STEP(press(*wizard, u"Back"_s));
        QTRY_VERIFY(stopped->load());
        QCOMPARE(wizard->currentPage(), 1);
        QVERIFY(!wizard->planPage()->plan());
    }

    void agentGrowsWhatIsOnIt()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const auto asked = std::make_shared<Asked>();
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, asked)));
        QTRY_VERIFY(wizard->findChild<QCheckBox *>(u"diskGrowInGuest-vda"_s));
        auto *size = wizard->findChild<QDoubleSpinBox *>(u"diskSize-vda"_s);
        auto *agent = wizard->findChild<QCheckBox *>(u"diskGrowInGuest-vda"_s);
        for (ui::Expander *expander : wizard->findChildren<ui::Expander *>()) {
            expander->setExpanded(true);
        }
        QVERIFY(!agent->isEnabled() && !agent->isChecked()); // it does not grow
        STEP(type(size, u"30"_s));
        QVERIFY(agent->isEnabled() && note(size).contains("growpart"_L1));
        agent->click();
        QTRY_VERIFY(note(size).contains("agent grows"_L1));
        QTest::keyClick(size, Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(wizard->planPage()->plan());
        QVERIFY(draftOf(asked).disk(u"vda"_s)->growInGuest);
    }

    void noTwoWidgetsShareAMnemonic()
    {
        MigrateBed bed;
        QVERIFY(bed.connectHosts());
        const Opened wizard(open(bed, bed.web(), servicesOf(bed, std::make_shared<Asked>())));
        auto *vcpus = field<QSpinBox>(*wizard, u"vCPUs"_s);
        QTRY_VERIFY(vcpus->isEnabled());
        STEP(type(vcpus, u"4"_s));
        STEP(press(*wizard, u"Manage"_s));
        const auto expanders = wizard->findChildren<ui::Expander *>();
        for (ui::Expander *expander : expanders) {
            expander->setExpanded(true);
        }
        wizard->state().choose(bed.id(1)); // shows all there is on the second page
        for (int page = 0; page < wizard->pageCount(); ++page) {
            wizard->goTo(page);
            QTRY_COMPARE(wizard->currentPage(), page);
            if (page == wizard->pageCount() - 1) {
                QTRY_VERIFY(wizard->planPage()->plan());
            }
            QStringList keys = mnemonics(*wizard);
            QVERIFY(keys.size() > 3);
            const QStringList all = keys;
            keys.removeDuplicates();
            QVERIFY2(keys.size() == all.size(), qPrintable(u"page %1: %2"_s.arg(page).arg(all.join(u' '))));
        }
    }
};

QTEST_MAIN(TestResizeWizard)
#include "tst_resizewizard.moc"
