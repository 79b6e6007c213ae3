// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/guestagent.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "backend/base/pause.h"
#include "backend/virt/connection_p.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::guest {

namespace {

using namespace std::chrono_literals;

struct GuestAgentText {
    Q_DECLARE_TR_FUNCTIONS(virt_guestAgent)
};

constexpr qsizetype mostOutput = 4096;
constexpr qsizetype mostText = 1024; // of a name
constexpr unsigned int mostFileSystems = 1024;
constexpr auto answerTime = 10s; // for one command of the agent
constexpr auto askPeriod = 200ms;

/** Without what would move a terminal's cursor, or worse. */
QString printable(QString text)
{
    text.removeIf([](QChar each) { return !each.isPrint() && each != u'\n' && each != u'\t'; });
    return text;
}

class Parameters final
{
    Q_DISABLE_COPY_MOVE(Parameters)

public:
    Parameters() = default;
    ~Parameters() { virTypedParamsFree(m_list, m_count); }

    virTypedParameterPtr *list() { return &m_list; }
    int *count() { return &m_count; }
    QString text(const QString &name) const
    {
        const char *value = nullptr;
        return virTypedParamsGetString(m_list, m_count, name.toUtf8().constData(), &value) == 1
            ? printable(QString::fromUtf8(value).left(mostText))
            : QString();
    }
    unsigned int count(const QString &name) const
    {
        unsigned int value = 0;
        return virTypedParamsGetUInt(m_list, m_count, name.toUtf8().constData(), &value) == 1 ? value : 0;
    }
    quint64 number(const QString &name) const
    {
        unsigned long long value = 0;
        return virTypedParamsGetULLong(m_list, m_count, name.toUtf8().constData(), &value) == 1 ? value : 0;
    }

private:
    virTypedParameterPtr m_list = nullptr;
    int m_count = 0;
};

QString failedText()
{
    return GuestAgentText::tr("The guest agent of %1 did not do it");
}

/** The agent's "return", of whatever type. */
Result<QByteArray> ask(virDomainPtr domain, const QString &command, const QJsonObject &arguments,
    std::chrono::seconds timeout = answerTime)
{
    QJsonObject request{{u"execute"_s, command}};
    if (!arguments.isEmpty()) {
        request.insert(u"arguments"_s, arguments);
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain));
    const std::unique_ptr<char, decltype(&std::free)> answer(
        virDomainQemuAgentCommand(domain, QJsonDocument(request).toJson(QJsonDocument::Compact).constData(),
            static_cast<int>(timeout.count()), 0),
        &std::free);
    if (!answer) {
        return fail(lastError(failedText().arg(name)));
    }
    return QByteArray(answer.get());
}

QJsonObject returned(const QByteArray &answer)
{
    return QJsonDocument::fromJson(answer).object().value("return"_L1).toObject();
}

Error nonsense()
{
    return Error::failed(GuestAgentText::tr("The guest agent's answer can't be understood."));
}

QString outputOf(const QJsonObject &status, const QString &key)
{
    return QString::fromUtf8(QByteArray::fromBase64(status.value(key).toString().toLatin1()));
}

} // namespace

Result<QList<FileSystem>> fileSystems(Connection &connection, const QUuid &domain, std::chrono::seconds timeout)
{
    const auto handle = connection.d().lookup(domain);
    if (!handle) {
        return fail(handle.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(handle->get()));
    Parameters info;
    if (virDomainAgentSetResponseTimeout(handle->get(), static_cast<int>(timeout.count()), 0) < 0
        || virDomainGetGuestInfo(handle->get(), VIR_DOMAIN_GUEST_INFO_FILESYSTEM, info.list(), info.count(), 0) < 0) {
        const Error error = lastError(GuestAgentText::tr("Can't ask %1 for its file systems").arg(name));
        virDomainAgentSetResponseTimeout(handle->get(), VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK, 0);
        return fail(error);
    }
    virDomainAgentSetResponseTimeout(handle->get(), VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK, 0);
    QList<FileSystem> found;
    const unsigned int count = std::min(info.count(u"fs.count"_s), mostFileSystems);
    for (unsigned int i = 0; i < count; ++i) {
        const QString key = u"fs.%1."_s.arg(i);
        FileSystem each{info.text(key + u"name"_s), info.text(key + u"mountpoint"_s), info.text(key + u"fstype"_s),
            info.number(key + u"total-bytes"_s), {}};
        const unsigned int disks = std::min(info.count(key + u"disk.count"_s), mostFileSystems);
        for (unsigned int disk = 0; disk < disks; ++disk) {
            if (const QString target = info.text(key + u"disk.%1.alias"_s.arg(disk)); !target.isEmpty()) {
                each.targets.append(target);
            }
        }
        found.append(each);
    }
    return found;
}

std::optional<bool> canExecuteFrom(const QByteArray &info)
{
    const QJsonValue commands = returned(info).value("supported_commands"_L1);
    if (!commands.isArray()) {
        return std::nullopt;
    }
    bool starts = false;
    bool tells = false;
    const QJsonArray list = commands.toArray();
    for (const auto &each : list) {
        const QString name = each["name"_L1].toString();
        const bool enabled = each["enabled"_L1].toBool();
        starts = starts || (enabled && name == "guest-exec"_L1);
        tells = tells || (enabled && name == "guest-exec-status"_L1);
    }
    return starts && tells;
}

std::optional<qint64> processFrom(const QByteArray &answer)
{
    const QJsonValue process = returned(answer).value("pid"_L1);
    return process.isDouble() ? std::optional(process.toInteger()) : std::nullopt;
}

Result<std::optional<Execution>> executionFrom(const QByteArray &status)
{
    const QJsonObject said = returned(status);
    if (!said.value("exited"_L1).isBool()) {
        return fail(nonsense());
    }
    if (!said.value("exited"_L1).toBool()) {
        return std::optional<Execution>();
    }
    return std::optional(Execution{said.value("exitcode"_L1).toInt(-1),
        printable((outputOf(said, u"out-data"_s) + outputOf(said, u"err-data"_s)).trimmed().right(mostOutput))});
}

Result<bool> canExecute(Connection &connection, const QUuid &domain, std::chrono::seconds timeout)
{
    const auto handle = connection.d().lookup(domain);
    const auto info = handle ? ask(handle->get(), u"guest-info"_s, {}, timeout) : fail(handle.error());
    if (!info) {
        return fail(info.error());
    }
    const auto can = canExecuteFrom(*info);
    return can ? Result<bool>(*can) : fail(nonsense());
}

Result<Execution> execute(Connection &connection, const QUuid &domain, const QStringList &command,
    const QByteArray &input, std::chrono::seconds timeout, const std::stop_token &stop)
{
    const auto handle = connection.d().lookup(domain);
    if (!handle) {
        return fail(handle.error());
    }
    QJsonObject arguments{{u"path"_s, command.value(0)}, {u"arg"_s, QJsonArray::fromStringList(command.mid(1))},
        {u"capture-output"_s, true}};
    if (!input.isEmpty()) {
        arguments.insert(u"input-data"_s, QString::fromLatin1(input.toBase64()));
    }
    const QDeadlineTimer deadline(timeout);
    const auto begun = ask(handle->get(), u"guest-exec"_s, arguments);
    if (!begun) {
        // The agent has no code of its own for it.
        const bool isMissing = begun.error().message.contains("No such file or directory"_L1);
        return isMissing ? fail(Error{Error::Kind::NotFound,
                               GuestAgentText::tr("The guest has no program “%1”.").arg(command.value(0)), {}, 0, 0})
                         : fail(begun.error());
    }
    const auto process = processFrom(*begun);
    if (!process) {
        return fail(nonsense());
    }
    for (;;) {
        const auto status = ask(handle->get(), u"guest-exec-status"_s, {{u"pid"_s, *process}});
        if (!status) {
            return fail(status.error());
        }
        const auto ended = executionFrom(*status);
        if (!ended) {
            return fail(ended.error());
        }
        if (*ended) {
            return **ended;
        }
        if (deadline.hasExpired()) {
            return fail(Error::failed(GuestAgentText::tr("“%1” has not ended in the guest within %2 s.")
                    .arg(command.value(0))
                    .arg(timeout.count())));
        }
        if (!pauseFor(askPeriod, stop)) {
            return fail(Error::cancelled());
        }
    }
}

} // namespace vireo::virt::guest
