// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "model/domainquery.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::DomainQuery;
using Term = DomainQuery::Term;
using Field = DomainQuery::Field;

Q_DECLARE_METATYPE(QList<DomainQuery::Term>)

class TestDomainQuery final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parse_data();
    void parse();
    void matches_data();
    void matches();
    void states_data();
    void states();
};

void TestDomainQuery::parse_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<Term>>("terms");
    QTest::newRow("empty") << QString() << QList<Term>{};
    QTest::newRow("spaces") << u"  \t "_s << QList<Term>{};
    QTest::newRow("words") << u"web  DB"_s << QList<Term>{{Field::Any, u"web"_s, false}, {Field::Any, u"db"_s, false}};
    QTest::newRow("fields") << u"name:web TAG:prod state:off host:rack"_s
                            << QList<Term>{{Field::Name, u"web"_s, false}, {Field::Tag, u"prod"_s, false},
                                   {Field::State, u"off"_s, false}, {Field::Host, u"rack"_s, false}};
    QTest::newRow("exclude") << u"-tag:test -old"_s
                             << QList<Term>{{Field::Tag, u"test"_s, true}, {Field::Any, u"old"_s, true}};
    QTest::newRow("quotes") << u"name:\"my web\" -\"two words\""_s
                            << QList<Term>{{Field::Name, u"my web"_s, false}, {Field::Any, u"two words"_s, true}};
    QTest::newRow("quoted prefix is text") << u"\"name:x\""_s << QList<Term>{{Field::Any, u"name:x"_s, false}};
    QTest::newRow("open quote") << u"\"two wor"_s << QList<Term>{{Field::Any, u"two wor"_s, false}};
    QTest::newRow("unfinished") << u"tag: - \"\" name:\"\""_s << QList<Term>{};
    QTest::newRow("unknown prefix") << u"os:debian"_s << QList<Term>{{Field::Any, u"os:debian"_s, false}};
    QTest::newRow("hyphen inside") << u"web-1"_s << QList<Term>{{Field::Any, u"web-1"_s, false}};
    QTest::newRow("folded") << u"Zürich ÉTÉ STRASSE"_s
                            << QList<Term>{{Field::Any, u"zurich"_s, false}, {Field::Any, u"ete"_s, false},
                                   {Field::Any, u"strasse"_s, false}};
    QTest::newRow("chinese") << u"name:虚拟机"_s << QList<Term>{{Field::Name, u"虚拟机"_s, false}};
}

void TestDomainQuery::parse()
{
    QFETCH(QString, text);
    QTEST(DomainQuery::parse(text).terms(), "terms");
    QCOMPARE(DomainQuery::parse(text).isEmpty(), DomainQuery::parse(text).terms().isEmpty());
    QCOMPARE(DomainQuery::parse(text), DomainQuery::parse(text));
}

void TestDomainQuery::matches_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("expected");
    QTest::newRow("empty") << QString() << true;
    QTest::newRow("name") << u"web01"_s << true;
    QTest::newRow("part of the name") << u"eb0"_s << true;
    QTest::newRow("title, accents and case") << u"zurich"_s << true;
    QTest::newRow("accents asked for") << u"ZÜRICH"_s << true;
    QTest::newRow("tag") << u"prod"_s << true;
    QTest::newRow("group") << u"shop"_s << true;
    QTest::newRow("host") << u"rack-7"_s << true;
    QTest::newRow("all must match") << u"web01 missing"_s << false;
    QTest::newRow("name alone: name") << u"name:web"_s << true;
    QTest::newRow("name alone: title") << u"name:frontend"_s << true;
    QTest::newRow("name alone: not the tag") << u"name:prod"_s << false;
    QTest::newRow("tag alone") << u"tag:prod tag:eu"_s << true;
    QTest::newRow("tag alone: not the group") << u"tag:shop"_s << false;
    QTest::newRow("tag alone: not the name") << u"tag:web"_s << false;
    QTest::newRow("host alone") << u"host:rack"_s << true;
    QTest::newRow("host alone: not the name") << u"host:web"_s << false;
    QTest::newRow("exclude") << u"web -tag:prod"_s << false;
    QTest::newRow("exclude something else") << u"web -tag:test"_s << true;
    QTest::newRow("exclude plain") << u"-rack"_s << false;
    QTest::newRow("quotes") << u"\"frontend in\""_s << true;
    QTest::newRow("quotes, other order") << u"\"in frontend\""_s << false;
    QTest::newRow("not across texts") << u"\"web01 frontend\""_s << false;
}

void TestDomainQuery::matches()
{
    virt::DomainRecord domain;
    domain.name = u"web01"_s;
    domain.title = u"Frontend in Zürich"_s;
    domain.tags = QStringList{u"Prod"_s, u"EU"_s};
    domain.group = u"Shop"_s;
    QFETCH(QString, text);
    QTEST(DomainQuery::parse(text).matches(domain, u"rack-7"_s), "expected");
}

void TestDomainQuery::states_data()
{
    using S = virt::DomainState;
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("state");
    QTest::addColumn<bool>("saved");
    QTest::addColumn<bool>("expected");
    QTest::newRow("running") << u"state:running"_s << int(S::Running) << false << true;
    QTest::newRow("its beginning") << u"state:run"_s << int(S::Running) << false << true;
    QTest::newRow("blocked runs") << u"state:running"_s << int(S::Blocked) << false << true;
    QTest::newRow("paused") << u"state:paused"_s << int(S::Paused) << false << true;
    QTest::newRow("paused does not run") << u"state:running"_s << int(S::Paused) << false << false;
    QTest::newRow("off") << u"state:off"_s << int(S::ShutOff) << false << true;
    QTest::newRow("shut off") << u"state:\"shut off\""_s << int(S::ShutOff) << false << true;
    QTest::newRow("shutoff") << u"state:shutoff"_s << int(S::ShutOff) << false << true;
    QTest::newRow("off is not saved") << u"state:off"_s << int(S::ShutOff) << true << false;
    QTest::newRow("saved") << u"state:saved"_s << int(S::ShutOff) << true << true;
    QTest::newRow("saved is not off") << u"state:saved"_s << int(S::ShutOff) << false << false;
    QTest::newRow("crashed") << u"state:Crashed"_s << int(S::Crashed) << false << true;
    QTest::newRow("shutting down") << u"state:shutting"_s << int(S::ShuttingDown) << false << true;
    QTest::newRow("suspended") << u"state:suspended"_s << int(S::PmSuspended) << false << true;
    QTest::newRow("not running") << u"-state:running"_s << int(S::ShutOff) << false << true;
    QTest::newRow("no such state") << u"state:flying"_s << int(S::Running) << false << false;
    QTest::newRow("not inside a word") << u"state:ning"_s << int(S::Running) << false << false;
    QTest::newRow("plain text is no state") << u"running"_s << int(S::Running) << false << false;
}

void TestDomainQuery::states()
{
    QFETCH(QString, text);
    QFETCH(int, state);
    QFETCH(bool, saved);
    virt::DomainRecord domain;
    domain.name = u"web01"_s;
    domain.state = static_cast<virt::DomainState>(state);
    domain.managedSave = saved;
    QTEST(DomainQuery::parse(text).matches(domain, u"rack-7"_s), "expected");
}

QTEST_GUILESS_MAIN(TestDomainQuery)
#include "tst_domainquery.moc"
