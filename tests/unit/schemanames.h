// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdarg>
#include <memory>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>

#include <QDir>
#include <QFile>
#include <QHash>
#include <QSet>
#include <QStandardPaths>

/** libvirt's schemas through plain libxml2, for tests that must not depend on what they test. */
namespace schemanames {

inline QString directory()
{
    const QString found = QStandardPaths::locate(
        QStandardPaths::GenericDataLocation, QStringLiteral("libvirt/schemas"), QStandardPaths::LocateDirectory);
    return found.isEmpty() ? QStringLiteral("/usr/share/libvirt/schemas") : found;
}

using DocumentPtr = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

inline DocumentPtr readDocument(const QString &file)
{
    return {xmlReadFile(QFile::encodeName(file).constData(), nullptr,
                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        &xmlFreeDoc};
}

/** A compiled schema. Not thread-safe. */
class Validator final
{
    Q_DISABLE_COPY_MOVE(Validator)

public:
    explicit Validator(const QString &schemaFile)
    {
        const QByteArray path = QFile::encodeName(directory() + u'/' + schemaFile);
        xmlRelaxNGParserCtxt *context = xmlRelaxNGNewParserCtxt(path.constData());
        m_schema = xmlRelaxNGParse(context);
        xmlRelaxNGFreeParserCtxt(context);
    }
    ~Validator() { xmlRelaxNGFree(m_schema); }

    bool isLoaded() const { return m_schema; }
    /** libxml2's last words about the document; empty: it is valid. */
    QString check(const QString &file) const
    {
        const DocumentPtr document = readDocument(file);
        if (!document) {
            return QStringLiteral("not well-formed");
        }
        QString messages;
        xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(m_schema);
        xmlRelaxNGSetValidErrors(context, &Validator::append, &Validator::append, &messages);
        const int result = xmlRelaxNGValidateDoc(context, document.get());
        xmlRelaxNGFreeValidCtxt(context);
        return result == 0 ? QString() : QStringLiteral("invalid: ") + messages;
    }

private:
    __attribute__((format(printf, 2, 3))) static void append(void *messages, const char *format, ...)
    {
        va_list arguments;
        va_start(arguments, format);
        *static_cast<QString *>(messages) += QString::vasprintf(format, arguments);
        va_end(arguments);
    }

    xmlRelaxNG *m_schema = nullptr;
};

struct Names {
    QSet<QString> elements;
    QSet<QString> attributes;
};

inline void collect(const xmlNode *node, Names &names)
{
    for (; node; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        const QByteArray kind(reinterpret_cast<const char *>(node->name));
        if (kind == "element" || kind == "attribute") {
            xmlChar *value = xmlGetProp(node, reinterpret_cast<const xmlChar *>("name"));
            if (value) {
                (kind == "element" ? names.elements : names.attributes)
                    .insert(QString::fromUtf8(reinterpret_cast<const char *>(value)));
                xmlFree(value);
            }
        }
        collect(node->children, names);
    }
}

/** The elements that may stand right below the (first) element of that name: its own and those of definitions that it
 *  refers to, followed through further references. */
inline QStringList elementsBelow(xmlDoc *schema, const QString &element)
{
    const auto name = [](const xmlNode *node) {
        xmlChar *value = xmlGetProp(node, reinterpret_cast<const xmlChar *>("name"));
        const QString result = QString::fromUtf8(reinterpret_cast<const char *>(value));
        xmlFree(value);
        return result;
    };
    QHash<QString, const xmlNode *> definitions;
    for (const xmlNode *node = xmlDocGetRootElement(schema)->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && QByteArray(reinterpret_cast<const char *>(node->name)) == "define") {
            definitions.insert(name(node), node);
        }
    }
    QSet<QString> found;
    QSet<QString> followed;
    QList<const xmlNode *> open;
    const auto openChildren = [&open](const xmlNode *node) {
        for (const xmlNode *child = node->children; child; child = child->next) {
            if (child->type == XML_ELEMENT_NODE) {
                open.append(child);
            }
        }
    };
    if (const xmlNode *start = definitions.value(element);
        start && xmlFirstElementChild(const_cast<xmlNode *>(start))) {
        openChildren(xmlFirstElementChild(const_cast<xmlNode *>(start)));
    }
    while (!open.isEmpty()) {
        const xmlNode *node = open.takeLast();
        const QByteArray kind(reinterpret_cast<const char *>(node->name));
        if (kind == "element") {
            found.insert(name(node));
        } else if (kind == "ref") {
            const QString target = name(node);
            if (!followed.contains(target) && definitions.contains(target)) {
                followed.insert(target);
                openChildren(definitions.value(target));
            }
        } else {
            openChildren(node);
        }
    }
    QStringList result(found.cbegin(), found.cend());
    result.sort();
    return result;
}

/** All names that the schemas of this directory define for elements and attributes. */
inline Names namesIn(const QStringList &schemaFiles)
{
    Names names;
    for (const QString &file : schemaFiles) {
        if (const DocumentPtr document = readDocument(directory() + u'/' + file)) {
            collect(xmlDocGetRootElement(document.get()), names);
        }
    }
    return names;
}

} // namespace schemanames
