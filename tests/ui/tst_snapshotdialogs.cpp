// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTest>
#include <QTreeWidget>

#include "tests/model/snapshotfeed.h"
#include "ui/deletesnapshotswizard.h"
#include "ui/editsnapshotwizard.h"
#include "ui/exportsnapshotpages.h"
#include "ui/fieldgrid.h"
#include "ui/revertsnapshotwizard.h"
#include "ui/snapshotdetails.h"
#include "ui/takesnapshotpage.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::SnapshotCreateDraft;
using snapshot::Deletion;
using snapshot::Facts;
using snapshot::Merge;
using snapshot::Snapshot;
using virt::snapshots::After;

namespace {

/** A running VM with one qcow2 disk, a CD-ROM, and the snapshots a and b. */
Facts running()
{
    Facts facts = test::factsOf({u"a"_s, u"b<a*"_s});
    facts.overlayDirectory = u"/images"_s;
    facts.disks[0].bus = u"virtio"_s;
    facts.disks[0].chain = {{u"/images/web01.b.qcow2"_s, u"qcow2"_s}, {u"/images/web01.a.qcow2"_s, u"qcow2"_s},
        {u"/images/web01.qcow2"_s, u"qcow2"_s}};
    snapshot::DiskNow medium;
    medium.target = u"sda"_s;
    medium.canSnapshot = false;
    medium.reason = u"It is a CD-ROM."_s;
    facts.disks.append(medium);
    return facts;
}

/** The field of that accessible name. */
template<typename T>
T *field(const QWidget &page, const QString &name)
{
    for (T *each : page.findChildren<T *>()) {
        if (each->accessibleName() == name || each->property("text").toString().remove(u'&') == name) {
            return each;
        }
    }
    return nullptr;
}

/** What FieldNotes and labels say on the page. */
QString saidOf(const QWidget &page)
{
    QStringList texts;
    for (const QLabel *label : page.findChildren<QLabel *>()) {
        if (label->isVisibleTo(&page)) {
            texts.append(label->text());
        }
    }
    return texts.join(u'\n');
}

} // namespace

/** The first pages of the dialogs on snapshots, on facts made by hand. */
class TestSnapshotDialogs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takeIsCompleteAtOnce()
    {
        ui::TakeSnapshotPage page;
        QVERIFY(!page.isComplete());
        QVERIFY(!page.reason().isEmpty());
        page.setFacts(running());
        QVERIFY2(page.isComplete(), qPrintable(page.reason()));
        const SnapshotCreateDraft draft = page.draft();
        QVERIFY(!draft.name.isEmpty());
        QCOMPARE(draft.kind, SnapshotCreateDraft::Kind::Auto);
        QCOMPARE(draft.memory, SnapshotCreateDraft::Memory::Auto);
        QVERIFY(draft.disks.isEmpty()); // all that can
        QVERIFY(draft.memoryFile.isEmpty());
        QVERIFY(!draft.quiesce && draft.picture);
        QCOMPARE(page.firstField(), field<QLineEdit>(page, u"Name"_s));
        QVERIFY(field<QPlainTextEdit>(page, u"Description"_s));
        QVERIFY(field<QComboBox>(page, u"Kind"_s));
    }

    void namesAreCheckedWhileTyping()
    {
        ui::TakeSnapshotPage page;
        page.setFacts(running());
        auto *name = field<QLineEdit>(page, u"Name"_s);
        const QSignalSpy changed(&page, &ui::WizardPage::completeChanged);
        for (const QString &bad : {u"a"_s, u"x/y"_s, u".hidden"_s, u"-x"_s, u"one,two"_s}) {
            name->setText(bad);
            QVERIFY2(!page.isComplete(), qPrintable(bad));
            QCOMPARE(name->accessibleDescription(), page.reason()); // beside the field
        }
        QVERIFY(changed.size() >= 5);
        name->setText(u"before the update"_s);
        QVERIFY(page.isComplete());
        QCOMPARE(page.draft().name, u"before the update"_s);
        // Newer facts leave alone what was typed.
        page.setFacts(running());
        QCOMPARE(name->text(), u"before the update"_s);
    }

    void disksAndFilesCanBeChosen()
    {
        ui::TakeSnapshotPage page;
        page.setFacts(running());
        field<QLineEdit>(page, u"Name"_s)->setText(u"fresh"_s);
        auto *disks = page.findChild<QTreeWidget *>(u"snapshotDisks"_s);
        QCOMPARE(disks->topLevelItemCount(), 2);
        QVERIFY(!(disks->topLevelItem(1)->flags() & Qt::ItemIsEnabled)); // the CD-ROM, with its reason
        QCOMPARE(disks->topLevelItem(1)->text(2), u"It is a CD-ROM."_s);
        const QString proposed = disks->topLevelItem(0)->text(2);
        QVERIFY2(proposed.contains(u"fresh"_s), qPrintable(proposed)); // follows the name
        disks->topLevelItem(0)->setText(2, u"/other/mine.qcow2"_s);
        QCOMPARE(page.draft().disks.size(), 1);
        QCOMPARE(page.draft().disks.first().file, u"/other/mine.qcow2"_s);
        field<QLineEdit>(page, u"Name"_s)->setText(u"other"_s);
        QCOMPARE(page.draft().disks.first().file, u"/other/mine.qcow2"_s); // and stays
        disks->topLevelItem(0)->setCheckState(0, Qt::Unchecked);
        QVERIFY(!page.draft().disks.first().included);
    }

    void memoryIsOfRunningOnes()
    {
        ui::TakeSnapshotPage page;
        Facts facts = running();
        facts.domain.state = virt::DomainState::ShutOff;
        facts.domain.id = -1;
        page.setFacts(facts);
        auto *memory = field<QCheckBox>(page, u"Keep the memory too, so that it goes on exactly where it was"_s);
        QVERIFY(memory);
        QVERIFY(!memory->isVisibleTo(&page));
        page.setFacts(running());
        QVERIFY(memory->isVisibleTo(&page));
        memory->click();
        QCOMPARE(page.draft().memory,
            memory->isChecked() ? SnapshotCreateDraft::Memory::With : SnapshotCreateDraft::Memory::Without);
        memory->click();
        QCOMPARE(page.draft().memory,
            memory->isChecked() ? SnapshotCreateDraft::Memory::With : SnapshotCreateDraft::Memory::Without);
    }

    void goingBackKeepsNow()
    {
        ui::RevertSnapshotPage page(u"a"_s, nullptr);
        QVERIFY(!page.isComplete());
        page.setFacts(running(), {{u"a"_s, {}, u"The file is missing."_s, u"Somebody."_s, u"Restore it."_s, true}});
        QVERIFY2(page.isComplete(), qPrintable(page.reason()));
        QVERIFY(page.draft().keepNow);
        QVERIFY(!page.draft().keepName.isEmpty());
        QCOMPARE(page.draft().state, After::AsThen);
        QVERIFY(saidOf(page).contains(u"The file is missing. Somebody. Restore it."_s));
        QVERIFY(saidOf(page).contains(u"up to 2 MiB"_s));                    // since b
        QVERIFY(saidOf(page).contains(u"boots as after a power failure"_s)); // its memory was not kept
        auto *state = field<QComboBox>(page, u"State afterwards"_s);
        state->setCurrentIndex(3);
        QCOMPARE(page.draft().state, After::Off);
        field<QLineEdit>(page, u"Name"_s)->setText(u"b"_s); // taken
        QVERIFY(!page.isComplete());
        field<QCheckBox>(page, u"Take a snapshot of now first"_s)->click();
        QVERIFY(page.isComplete());
        QVERIFY(!page.draft().keepNow && page.draft().keepName.isEmpty());
        page.setFacts(test::factsOf({u"b*"_s}), {}); // somebody deleted it meanwhile
        QVERIFY(page.reason().contains(u"no snapshot a any more"_s));
    }

    void deletionIsShownAsATable()
    {
        ui::DeleteSnapshotsPage page({u"a"_s}, nullptr);
        page.setFacts(running());
        QVERIFY(page.isComplete());
        QCOMPARE(page.draft().scope, snapshot::Scope::One);
        Deletion deletion;
        deletion.snapshots = {u"a"_s};
        Merge merge;
        merge.target = u"vda"_s;
        merge.top = {u"/images/web01.a.qcow2"_s, u"qcow2"_s};
        merge.base = {u"/images/web01.qcow2"_s, u"qcow2"_s};
        merge.bytes = 3 * 1024 * 1024;
        merge.freed = merge.bytes;
        deletion.merges = {merge};
        deletion.memoryFiles = {u"/images/web01.a.mem"_s};
        deletion.kept = {u"base.qcow2 stays: db01 needs it."_s};
        page.setDeletion(deletion);
        const auto *table = page.findChild<QTreeWidget *>(u"mergeTable"_s);
        QCOMPARE(table->topLevelItemCount(), 2);
        const auto text = [table](int row, int column) {
            return table->topLevelItem(row)->text(column);
        };
        QCOMPARE(text(0, 0), u"vda"_s);
        QCOMPARE(text(0, 2), u"web01.a.qcow2"_s);
        QCOMPARE(text(0, 3), u"web01.qcow2"_s);
        QCOMPARE(text(0, 4), u"3 MiB"_s);
        QCOMPARE(text(1, 2), u"web01.a.mem"_s);
        QVERIFY(saidOf(page).contains(u"db01 needs it"_s));
        QVERIFY(saidOf(page).contains(u"Up to 3 MiB are moved"_s));
        QVERIFY(ui::SnapshotDetails::deletionText(deletion).contains(
            u"vda: merges web01.a.qcow2 (up to 3 MiB) into web01.qcow2."_s));
        auto *scope = field<QComboBox>(page, u"Delete"_s);
        scope->setCurrentIndex(1);
        QCOMPARE(page.draft().scope, snapshot::Scope::WithChildren);
        scope->setCurrentIndex(2);
        QCOMPARE(page.draft().scope, snapshot::Scope::ChildrenOnly);
        scope->setCurrentIndex(3);
        QVERIFY(page.draft().metadataOnly);
        QVERIFY(saidOf(page).contains(u"going back to it is no longer possible"_s));
    }

    void deletionWithoutDataSaysSo()
    {
        Deletion deletion;
        QCOMPARE(ui::SnapshotDetails::deletionText(deletion), u"Moves no data."_s);
        deletion.blockers = {u"The base is missing."_s};
        QVERIFY(ui::SnapshotDetails::deletionText(deletion).contains(u"The base is missing."_s));
    }

    void editingNeedsAChange()
    {
        Facts facts = running();
        facts.snapshots[0].description = u"as installed"_s;
        ui::EditSnapshotPage page(u"a"_s, nullptr);
        page.setFacts(facts);
        QVERIFY(!page.isComplete()); // nothing changed yet
        auto *description = field<QPlainTextEdit>(page, u"Description"_s);
        QCOMPARE(description->toPlainText(), u"as installed"_s);
        description->setPlainText(u"fresh"_s);
        QVERIFY(page.isComplete());
        QCOMPARE(page.draft().description, std::optional(u"fresh"_s));
        QVERIFY(!page.draft().name);
        page.setFacts(facts); // read anew: what was typed stays
        QCOMPARE(description->toPlainText(), u"fresh"_s);
        auto *name = field<QLineEdit>(page, u"Name"_s);
        QVERIFY(!name->isReadOnly()); // external: its name is nowhere but in the metadata
        name->setText(u"b"_s);
        QVERIFY(!page.isComplete());
        name->setText(u"installed"_s);
        QVERIFY(page.isComplete());
        QCOMPARE(page.draft().name, std::optional(u"installed"_s));
        facts.snapshots[0].disks[0].kind = snapshot::SnapshotDisk::Kind::Internal;
        ui::EditSnapshotPage inner(u"a"_s, nullptr);
        inner.setFacts(facts);
        QVERIFY(field<QLineEdit>(inner, u"Name"_s)->isReadOnly());
        QVERIFY(!field<QLineEdit>(inner, u"Name"_s)->accessibleDescription().isEmpty()); // why
    }

    void exportsFromNowOrThen()
    {
        ui::ExportSourcePage source(u"b"_s, nullptr);
        QVERIFY(!source.isComplete());
        Facts facts = running();
        facts.files[u"/images/web01.b.qcow2"_s].capacity = 1024 * 1024;
        source.setFacts(facts);
        QVERIFY(source.isComplete());
        operation::SnapshotExportDraft draft;
        source.fill(draft);
        QCOMPARE(draft.snapshot, u"b"_s);
        QCOMPARE(draft.disk, u"vda"_s);
        QCOMPARE(source.proposedName(), u"web01-b"_s);
        auto *how = field<QComboBox>(source, u"How"_s);
        QVERIFY(!how->isVisibleTo(&source)); // nobody writes to what was then
        field<QComboBox>(source, u"State of"_s)->setCurrentIndex(0);
        QVERIFY(how->isVisibleTo(&source));
        how->setCurrentIndex(1);
        source.fill(draft);
        QVERIFY(draft.snapshot.isEmpty() && !draft.live);
        QCOMPARE(source.proposedName(), u"web01-vda"_s);
    }

    void exportsToAFileOrAPool()
    {
        ui::ExportTargetPage target(nullptr);
        target.setHabits(u"qcow2"_s, false, true, u"/home/me/images"_s);
        target.proposeName(u"web01-vda"_s);
        operation::SnapshotExportDraft draft;
        target.fill(draft);
        QCOMPARE(draft.path, u"/home/me/images/web01-vda.qcow2"_s);
        QVERIFY(target.isComplete());
        QVERIFY(draft.flatten && !draft.compressed && draft.pool.isEmpty());
        field<QComboBox>(target, u"Format"_s)->setCurrentIndex(1);
        draft = {};
        target.fill(draft);
        QCOMPARE(draft.format, u"raw"_s);
        QCOMPARE(draft.path, u"/home/me/images/web01-vda.raw"_s);
        field<QLineEdit>(target, u"File"_s)->setText(u"relative.qcow2"_s);
        QVERIFY(!target.isComplete());

        const virt::HostId own = QUuid::createUuid();
        const virt::HostId other = QUuid::createUuid();
        target.setHosts({{own, u"qemu:///system"_s, u"here"_s}, {other, u"qemu+ssh://rack/system"_s, u"rack"_s}});
        QSignalSpy wanted(&target, &ui::ExportTargetPage::poolsWanted);
        field<QComboBox>(target, u"Target"_s)->setCurrentIndex(2);
        QCOMPARE(wanted.size(), 1);
        QCOMPARE(target.host(), other);
        QVERIFY(!target.isComplete()); // no pool yet
        target.setPools(other, fail(Error::failed(u"It hangs."_s)));
        QCOMPARE(target.reason(), u"It hangs."_s);
        virt::storage::Pool pool;
        pool.name = u"default"_s;
        pool.active = true;
        virt::storage::Pool stopped;
        stopped.name = u"stopped"_s;
        target.setPools(other, QList<virt::storage::Pool>{stopped, pool});
        draft = {};
        target.fill(draft);
        QVERIFY2(target.isComplete(), qPrintable(target.reason()));
        QCOMPARE(draft.host, u"qemu+ssh://rack/system"_s);
        QCOMPARE(draft.pool, u"default"_s);
        QCOMPARE(draft.volume, u"web01-vda.raw"_s);
        QVERIFY(draft.path.isEmpty());
        field<QLineEdit>(target, u"Volume"_s)->setText(u"a/b"_s);
        QVERIFY(!target.isComplete());
        field<QComboBox>(target, u"Target"_s)->setCurrentIndex(1); // the VM's own: no host in the draft
        draft = {};
        target.fill(draft);
        QVERIFY(draft.host.isEmpty());
    }
};

QTEST_MAIN(TestSnapshotDialogs)
#include "tst_snapshotdialogs.moc"
