// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/yaml.h"

#include <cmath>
#include <yaml.h>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace vireo::seed::yaml {

namespace {

struct YamlText {
    Q_DECLARE_TR_FUNCTIONS(seed_yaml)
};

yaml_char_t *chars(QByteArray &text)
{
    return reinterpret_cast<yaml_char_t *>(text.data());
}

/** Words that some YAML reads as something else than themselves. */
bool isPlainKey(const QString &key)
{
    static const QRegularExpression word(u"\\A[A-Za-z_][A-Za-z0-9_-]*\\z"_s);
    static const QStringList reserved{
        u"y"_s, u"n"_s, u"yes"_s, u"no"_s, u"on"_s, u"off"_s, u"true"_s, u"false"_s, u"null"_s};
    return word.match(key).hasMatch() && !reserved.contains(key.toLower());
}

/** Walks a tree and hands it to libyaml's emitter, event by event. */
class Writer final
{
    Q_DISABLE_COPY_MOVE(Writer)

public:
    Writer()
    {
        if (!yaml_emitter_initialize(&m_emitter)) {
            qBadAlloc();
        }
        yaml_emitter_set_output(
            &m_emitter,
            [](void *out, unsigned char *buffer, size_t size) {
                static_cast<QByteArray *>(out)->append(
                    reinterpret_cast<const char *>(buffer), static_cast<qsizetype>(size));
                return 1;
            },
            &m_out);
        yaml_emitter_set_unicode(&m_emitter, 0);
        yaml_emitter_set_width(&m_emitter, -1);
        yaml_emitter_set_indent(&m_emitter, 2);
    }
    ~Writer() { yaml_emitter_delete(&m_emitter); }

    Result<QByteArray> write(const QJsonValue &value)
    {
        yaml_event_t event;
        put(yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), event);
        put(yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1), event);
        if (const Result<> done = node(value); !done) {
            return fail(done.error());
        }
        put(yaml_document_end_event_initialize(&event, 1), event);
        put(yaml_stream_end_event_initialize(&event), event);
        yaml_emitter_flush(&m_emitter);
        if (m_failed) {
            return fail(Error::failed(YamlText::tr("Can't write YAML: %1").arg(QString::fromUtf8(m_emitter.problem))));
        }
        return m_out;
    }

private:
    void put(int made, yaml_event_t &event) { m_failed = !made || !yaml_emitter_emit(&m_emitter, &event) || m_failed; }

    void scalar(const QString &text, yaml_scalar_style_t style)
    {
        QByteArray utf8 = text.toUtf8();
        yaml_event_t event;
        put(yaml_scalar_event_initialize(
                &event, nullptr, nullptr, chars(utf8), static_cast<int>(utf8.size()), 1, 1, style),
            event);
    }

    Result<> text(const QString &value, bool isKey)
    {
        if (value.contains(QChar::Null) || !value.isValidUtf16()) {
            return fail(Error::invalid(YamlText::tr("A text has characters that YAML can't hold.")));
        }
        scalar(value, isKey && isPlainKey(value) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
        return {};
    }

    Result<> node(const QJsonValue &value)
    {
        switch (value.type()) {
        case QJsonValue::Bool:
            scalar(value.toBool() ? u"true"_s : u"false"_s, YAML_PLAIN_SCALAR_STYLE);
            return {};
        case QJsonValue::Double:
            if (value.toInteger(0) != value.toInteger(1)) {
                return fail(Error::invalid(YamlText::tr("Only whole numbers can be written.")));
            }
            scalar(QString::number(value.toInteger()), YAML_PLAIN_SCALAR_STYLE);
            return {};
        case QJsonValue::String:
            return text(value.toString(), false);
        case QJsonValue::Array:
            return list(value.toArray());
        case QJsonValue::Object:
            return mapping(value.toObject());
        case QJsonValue::Null:
        case QJsonValue::Undefined:
            break;
        }
        return fail(Error::invalid(YamlText::tr("A value is missing.")));
    }

    Result<> list(const QJsonArray &array)
    {
        yaml_event_t event;
        put(yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE), event);
        for (const auto &item : array) {
            if (const Result<> done = node(item); !done) {
                return done;
            }
        }
        put(yaml_sequence_end_event_initialize(&event), event);
        return {};
    }

    Result<> mapping(const QJsonObject &object)
    {
        yaml_event_t event;
        put(yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE), event);
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (const Result<> done = text(it.key(), true); !done) {
                return done;
            }
            if (const Result<> done = node(it.value()); !done) {
                return done;
            }
        }
        put(yaml_mapping_end_event_initialize(&event), event);
        return {};
    }

    QByteArray m_out;
    yaml_emitter_t m_emitter = {};
    bool m_failed = false;
};

/** The next document of a parser; closed by itself. */
class LoadedDocument final
{
    Q_DISABLE_COPY_MOVE(LoadedDocument)

public:
    explicit LoadedDocument(yaml_parser_t &parser)
        : m_loaded(yaml_parser_load(&parser, &m_document) != 0)
    {}
    ~LoadedDocument()
    {
        if (m_loaded) {
            yaml_document_delete(&m_document);
        }
    }
    bool isLoaded() const { return m_loaded; }
    const yaml_node_t *root() { return yaml_document_get_root_node(&m_document); }
    const yaml_node_t *node(int index) { return yaml_document_get_node(&m_document, index); }

private:
    yaml_document_t m_document = {};
    bool m_loaded;
};

class Parser final
{
    Q_DISABLE_COPY_MOVE(Parser)

public:
    explicit Parser(QByteArray text)
        : m_text(std::move(text))
    {
        if (!yaml_parser_initialize(&m_parser)) {
            qBadAlloc();
        }
        yaml_parser_set_input_string(&m_parser, chars(m_text), static_cast<size_t>(m_text.size()));
    }
    ~Parser() { yaml_parser_delete(&m_parser); }

    /** Goes through without building anything: libyaml's loader takes ages over what nobody writes by hand. */
    Result<> check()
    {
        constexpr int deepest = 64;
        constexpr int mostAnchors = 1000;
        int depth = 0;
        int anchors = 0;
        for (yaml_event_type_t type = YAML_NO_EVENT; type != YAML_STREAM_END_EVENT;) {
            yaml_event_t event;
            if (!yaml_parser_parse(&m_parser, &event)) {
                return fail(error());
            }
            type = event.type;
            const size_t line = event.start_mark.line + 1;
            anchors += hasAnchor(event) ? 1 : 0;
            yaml_event_delete(&event);
            if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT) {
                ++depth;
            } else if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT) {
                --depth;
            }
            if (depth > deepest || anchors > mostAnchors) {
                return fail(Error::invalid(depth > deepest
                        ? YamlText::tr("Line %1: lists and mappings are nested too deeply.").arg(line)
                        : YamlText::tr("Line %1: there are too many anchors.").arg(line)));
            }
        }
        return {};
    }

    Result<QStringList> keys()
    {
        LoadedDocument document(m_parser);
        if (!document.isLoaded()) {
            return fail(error());
        }
        const yaml_node_t *root = document.root();
        QStringList keys;
        if (root && root->type == YAML_MAPPING_NODE) {
            for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top;
                ++pair) {
                if (const yaml_node_t *key = document.node(pair->key); key && key->type == YAML_SCALAR_NODE) {
                    keys << QString::fromUtf8(reinterpret_cast<const char *>(key->data.scalar.value),
                        static_cast<qsizetype>(key->data.scalar.length));
                }
            }
        } else if (root && !(root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0)) {
            return fail(
                Error::invalid(YamlText::tr("Line %1: keys with values are needed at the top, as in “key: value”.")
                        .arg(root->start_mark.line + 1)));
        }
        LoadedDocument second(m_parser);
        if (!second.isLoaded()) {
            return fail(error());
        }
        if (const yaml_node_t *more = second.root()) {
            return fail(Error::invalid(
                YamlText::tr("Line %1: only one YAML document is allowed.").arg(more->start_mark.line + 1)));
        }
        return keys;
    }

private:
    static bool hasAnchor(const yaml_event_t &event)
    {
        return (event.type == YAML_SCALAR_EVENT && event.data.scalar.anchor)
            || (event.type == YAML_SEQUENCE_START_EVENT && event.data.sequence_start.anchor)
            || (event.type == YAML_MAPPING_START_EVENT && event.data.mapping_start.anchor);
    }

    Error error() const
    {
        const QString problem = QString::fromUtf8(m_parser.problem);
        if (m_parser.error == YAML_READER_ERROR) { // characters that YAML does not have; only the offset is known
            const auto before = m_text.left(static_cast<qsizetype>(m_parser.problem_offset));
            return Error::invalid(YamlText::tr("Line %1: %2.").arg(before.count('\n') + 1).arg(problem));
        }
        return Error::invalid(YamlText::tr("Line %1, column %2: %3.")
                .arg(m_parser.problem_mark.line + 1)
                .arg(m_parser.problem_mark.column + 1)
                .arg(problem));
    }

    QByteArray m_text;
    yaml_parser_t m_parser = {};
};

} // namespace

Result<QByteArray> write(const QJsonValue &value)
{
    return Writer().write(value);
}

Result<QStringList> mappingKeys(const QByteArray &text)
{
    const Result<> harmless = Parser(text).check();
    return harmless ? Parser(text).keys() : fail(harmless.error());
}

} // namespace vireo::seed::yaml
