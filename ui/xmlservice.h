// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include <QObject>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "ui/xmllanguage.h"
#include "ui/xmloutline.h"

class QTimer;

namespace vireo::ui {

/**
 * What an editor asks of worker threads about its text: the outline at once, the check when typing pauses, completion
 * and hover on request. The newest text wins: a check of an older one is told to stop, and its answer dropped. Lives on
 * the GUI thread; owned by the editor. Its lanes are made when first needed and left behind at the end.
 */
class XmlService final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlService)

public:
    enum class Schema { Unknown, None, Present, Missing };

    explicit XmlService(QObject *parent = nullptr);
    ~XmlService() override;

    void setLanguages(XmlLanguages languages);
    void setKind(std::optional<xml::DocumentKind> kind);
    void setFragment(const QStringList &path);
    void setVocabulary(const xml::HostVocabulary &host);
    /** Whether texts are checked, or only outlined. */
    void setChecking(bool checking);

    /** A new text: `text` is asked for it when it is needed. `typing`: wait for a pause before checking it. */
    void setText(std::function<QString()> text, bool typing);
    bool isChecked() const { return m_checkedRevision == m_revision; }
    /** The outline of the newest text, if it is there already. */
    const XmlOutline *outline() const { return m_outlineRevision == m_revision ? &m_outline : nullptr; }
    /** Why there is no schema, when it is Missing. */
    const Error &schemaError() const { return m_schemaError; }
    Schema schema() const { return m_schema; }

    /** The answer comes by completed(), unless the text changes or another question is asked before. */
    void complete(qsizetype position);
    void hover(qsizetype position);
    /** Runs `then` with the newest text's outline, now or as soon as it is there; dropped when the text changes. */
    void withOutline(std::function<void(const XmlOutline &)> then);

Q_SIGNALS:
    void outlined();
    void checked(const QList<vireo::xml::Diagnostic> &diagnostics);
    void completed(qsizetype position, const vireo::xml::CompletionList &list);
    void hovered(qsizetype position, const std::optional<vireo::xml::HoverText> &text);

private:
    QString text();
    void invalidate(int delay);
    void startOutline();
    void startCheck();
    Lane &lane(std::unique_ptr<Lane> &which, const QString &name);

    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_checks;
    std::unique_ptr<Lane> m_questions;
    QTimer *m_outlineTimer;
    QTimer *m_checkTimer;
    XmlQuestion m_question; ///< kind, fragment, provider: what a worker needs to know
    std::function<QString()> m_source;
    std::optional<QString> m_text;
    std::stop_source m_stop;
    XmlOutline m_outline;
    QList<std::function<void(const XmlOutline &)>> m_waiting;
    Error m_schemaError;
    Schema m_schema = Schema::Unknown;
    bool m_checking = true;
    quint64 m_revision = 1; ///< of the text and of what it is checked against
    quint64 m_outlineRevision = 0;
    quint64 m_checkedRevision = 0;
    quint64 m_completion = 0; ///< number of the newest question
    quint64 m_hover = 0;
};

} // namespace vireo::ui
