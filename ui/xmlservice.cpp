// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlservice.h"

#include <QTimer>

namespace vireo::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int OutlineDelayMs = 40; // one key after the other makes one outline
constexpr int CheckDelayMs = 250;

} // namespace

XmlService::XmlService(QObject *parent)
    : QObject(parent)
    , m_courier(std::make_shared<Courier>(this))
    , m_outlineTimer(new QTimer(this))
    , m_checkTimer(new QTimer(this))
{
    m_question.languages = installedLanguages();
    m_outlineTimer->setSingleShot(true);
    m_checkTimer->setSingleShot(true);
    connect(m_outlineTimer, &QTimer::timeout, this, &XmlService::startOutline);
    connect(m_checkTimer, &QTimer::timeout, this, &XmlService::startCheck);
}

XmlService::~XmlService()
{
    m_stop.request_stop();
    m_courier->close();
}

void XmlService::setLanguages(XmlLanguages languages)
{
    m_question.languages = std::move(languages);
    invalidate(0);
}

void XmlService::setKind(std::optional<xml::DocumentKind> kind)
{
    if (m_question.kind != kind) {
        m_question.kind = kind;
        m_schema = Schema::Unknown;
        invalidate(0);
    }
}

void XmlService::setFragment(const QStringList &path)
{
    if (m_question.fragment != path) {
        m_question.fragment = path;
        invalidate(0);
    }
}

void XmlService::setVocabulary(const xml::HostVocabulary &host)
{
    if (m_question.host != host) {
        m_question.host = host;
        invalidate(0);
    }
}

void XmlService::setChecking(bool checking)
{
    if (m_checking != checking) {
        m_checking = checking;
        invalidate(0);
    }
}

void XmlService::setText(std::function<QString()> text, bool typing)
{
    m_source = std::move(text);
    m_text.reset();
    invalidate(typing ? CheckDelayMs : 0);
}

/** All answers so far are old. */
void XmlService::invalidate(int delay)
{
    ++m_revision;
    m_stop.request_stop();
    m_stop = std::stop_source();
    m_waiting.clear();
    if (!m_source) {
        return;
    }
    m_outlineTimer->start(delay > 0 ? OutlineDelayMs : 0);
    if (m_checking) {
        m_checkTimer->start(delay);
    } else {
        m_checkTimer->stop();
    }
}

QString XmlService::text()
{
    if (!m_text) {
        m_text = m_source ? m_source() : QString();
    }
    return *m_text;
}

Lane &XmlService::lane(std::unique_ptr<Lane> &which, const QString &name)
{
    if (!which) {
        which = std::make_unique<Lane>(name, Lane::Kind::Computing);
    }
    return *which;
}

void XmlService::startOutline()
{
    lane(m_questions, u"xml-ask"_s).post([this, courier = m_courier, revision = m_revision, text = text()] {
        XmlOutline outline = XmlOutline::of(text);
        courier->post([this, revision, outline = std::move(outline)] {
            if (revision != m_revision) {
                return;
            }
            m_outline = outline;
            m_outlineRevision = revision;
            const auto waiting = std::exchange(m_waiting, {});
            for (const auto &then : waiting) {
                then(m_outline);
            }
            if (revision == m_revision) { // they may have changed the text
                Q_EMIT outlined();
            }
        });
    });
}

void XmlService::startCheck()
{
    lane(m_checks, u"xml-check"_s)
        .post([this, courier = m_courier, revision = m_revision, text = text(), question = m_question,
                  stop = m_stop.get_token()] {
            if (stop.stop_requested()) {
                return;
            }
            XmlQuestion::Check result = question.check(text, stop);
            courier->post([this, revision, result = std::move(result), hasKind = question.kind.has_value()] {
                if (revision != m_revision) {
                    return;
                }
                m_checkedRevision = revision;
                m_schemaError = result.schemaError.value_or(Error());
                if (result.schemaError) {
                    m_schema = Schema::Missing;
                } else {
                    m_schema = hasKind ? Schema::Present : Schema::None;
                }
                Q_EMIT checked(result.diagnostics);
            });
        });
}

void XmlService::complete(qsizetype position)
{
    lane(m_questions, u"xml-ask"_s)
        .post([this, courier = m_courier, revision = m_revision, text = text(), question = m_question, position,
                  number = ++m_completion] {
            xml::CompletionList list = question.complete(text, position);
            courier->post([this, revision, position, number, list = std::move(list)] {
                if (revision == m_revision && number == m_completion) {
                    Q_EMIT completed(position, list);
                }
            });
        });
}

void XmlService::hover(qsizetype position)
{
    lane(m_questions, u"xml-ask"_s)
        .post([this, courier = m_courier, revision = m_revision, text = text(), question = m_question, position,
                  number = ++m_hover] {
            std::optional<xml::HoverText> found = question.hover(text, position);
            courier->post([this, revision, position, number, found = std::move(found)] {
                if (revision == m_revision && number == m_hover) {
                    Q_EMIT hovered(position, found);
                }
            });
        });
}

void XmlService::withOutline(std::function<void(const XmlOutline &)> then)
{
    if (const XmlOutline *current = outline()) {
        then(*current);
        return;
    }
    m_waiting.append(std::move(then));
    if (m_outlineTimer->isActive()) {
        m_outlineTimer->start(0);
    }
}

} // namespace vireo::ui
