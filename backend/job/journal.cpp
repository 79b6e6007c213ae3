// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/journal.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

struct JournalText {
    Q_DECLARE_TR_FUNCTIONS(Journal)
};

constexpr QLatin1StringView suffix(".job");
constexpr QLatin1StringView unbornSuffix(".new"); ///< until the header is on disk: such a job has not begun
constexpr qint64 maxLength = 64 * 1024 * 1024;
constexpr qint64 unbornAge = 3600; // seconds

class Descriptor final
{
    Q_DISABLE_COPY_MOVE(Descriptor)

public:
    explicit Descriptor(int fd)
        : m_fd(fd)
    {}
    ~Descriptor()
    {
        if (m_fd >= 0) {
            close(m_fd);
        }
    }
    int get() const { return m_fd; }
    int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
};

int openFile(const QString &path, int flags, mode_t mode = 0)
{
    return open(QFile::encodeName(path).constData(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
}

Error systemError(const QString &what)
{
    return Error::failed(JournalText::tr("%1: %2").arg(what, QString::fromLocal8Bit(std::strerror(errno))));
}

struct flock wholeFile()
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

/** Belongs to the open file, not to the process: two parts of one process exclude each other as well. */
bool tryLock(int fd)
{
    struct flock lock = wholeFile();
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/** Asks without taking it, so that a look at the journal is in nobody's way. */
bool isLocked(int fd)
{
    struct flock lock = wholeFile();
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

Result<QByteArray> readAll(int fd)
{
    struct stat status = {};
    if (fstat(fd, &status) != 0) {
        return fail(systemError(JournalText::tr("The journal can't be read")));
    }
    if (!S_ISREG(status.st_mode) || status.st_size > maxLength) {
        return fail(Error::failed(JournalText::tr("This is not a journal.")));
    }
    QByteArray content(static_cast<qsizetype>(status.st_size), Qt::Uninitialized);
    qsizetype done = 0;
    while (done < content.size()) {
        const ssize_t got = pread(fd, content.data() + done, static_cast<size_t>(content.size() - done), done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(systemError(JournalText::tr("The journal can't be read")));
        }
        if (got == 0) {
            break;
        }
        done += got;
    }
    content.truncate(done);
    return content;
}

/** Reads what is open as `fd`; the record must be of the job that the file's name says. */
Result<JournalEntry> parse(int fd, const JobId &id)
{
    const auto content = readAll(fd);
    if (!content) {
        return fail(content.error());
    }
    auto entry = journalformat::parse(*content);
    if (entry && entry->record.id != id) {
        return fail(Error::failed(JournalText::tr("The journal is of another job than its name says.")));
    }
    return entry;
}

JobId idOf(const QString &fileName)
{
    return QUuid::fromString(fileName.chopped(suffix.size()));
}

JournalEntry unreadable(const QString &fileName, const QString &path, const Error &error)
{
    JournalEntry entry;
    entry.standing = JournalEntry::Standing::Unreadable;
    JobRecord &job = entry.record;
    job.id = idOf(fileName);
    if (job.id.isNull()) {
        job.id = QUuid::createUuidV5(QUuid(), fileName);
    }
    job.state = JobState::Interrupted;
    job.error = error;
    job.error.message = JournalText::tr("“%1”: %2").arg(path, error.message);
    job.plan.title = JournalText::tr("Unreadable record of a job");
    job.created = QFileInfo(path).lastModified().toUTC();
    return entry;
}

/** Makes a directory and those above it, for its owner alone. */
bool makePath(const QString &path)
{
    if (mkdir(QFile::encodeName(path).constData(), 0700) == 0 || errno == EEXIST) {
        return true;
    }
    const QString above = QFileInfo(path).path();
    return errno == ENOENT && above != path && makePath(above)
        && (mkdir(QFile::encodeName(path).constData(), 0700) == 0 || errno == EEXIST);
}

} // namespace

JournalFile::JournalFile(int fd, qint64 length, Hook hook)
    : m_fd(fd)
    , m_length(length)
    , m_hook(std::move(hook))
{}

JournalFile::~JournalFile()
{
    close(m_fd);
}

Result<> JournalFile::append(const QJsonObject &record)
{
    const QString what = JournalText::tr("The journal can't be written");
    if (m_broken) {
        return fail(Error::failed(JournalText::tr("%1: it ends with half a record.").arg(what)));
    }
    const QByteArray line = journalformat::toLine(record, QDateTime::currentDateTimeUtc());
    if (m_hook) {
        m_hook(Moment::Before, m_fd, line);
    }
    qsizetype done = 0;
    while (done < line.size()) {
        const ssize_t written = pwrite(m_fd, line.constData() + done, static_cast<size_t>(line.size() - done),
            static_cast<off_t>(m_length + done));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            break;
        }
        done += written;
    }
    if (done < line.size() || fdatasync(m_fd) != 0) {
        const Error error = systemError(what);
        m_broken = ftruncate(m_fd, m_length) != 0;
        return fail(error);
    }
    m_length += line.size();
    if (m_hook) {
        m_hook(Moment::After, m_fd, line);
    }
    return {};
}

Journal::Journal(QString directory, JournalFile::Hook hook)
    : m_directory(std::move(directory))
    , m_hook(std::move(hook))
{}

QString Journal::path(const JobId &id) const
{
    return QDir(m_directory).filePath(id.toString(QUuid::WithoutBraces) + suffix);
}

Result<> Journal::prepareDirectory() const
{
    const QString what = JournalText::tr("The journal's directory “%1” can't be made").arg(m_directory);
    const QByteArray name = QFile::encodeName(m_directory);
    if (!makePath(m_directory)) {
        return fail(systemError(what));
    }
    struct stat status = {};
    if (stat(name.constData(), &status) != 0) {
        return fail(systemError(what));
    }
    if (!S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        return fail(systemError(what));
    }
    if ((status.st_mode & 0077U) != 0 && chmod(name.constData(), 0700) != 0) {
        return fail(systemError(JournalText::tr("“%1” can't be kept from other users").arg(m_directory)));
    }
    return {};
}

/** Without it a new file's name may be lost with the power, though its content is on disk. */
Result<> Journal::syncDirectory() const
{
    const Descriptor directory(::open(QFile::encodeName(m_directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || fsync(directory.get()) != 0) {
        return fail(systemError(JournalText::tr("The journal can't be written")));
    }
    return {};
}

Result<std::unique_ptr<JournalFile>> Journal::create(
    const JobRecord &job, const QHash<virt::HostId, QString> &hosts) const
{
    if (const Result<> ready = prepareDirectory(); !ready) {
        return fail(ready.error());
    }
    // Under its final name a file is locked and has its header from the first moment.
    const QString target = path(job.id);
    const QString unborn = target + unbornSuffix;
    const QByteArray unbornName = QFile::encodeName(unborn);
    const QString what = JournalText::tr("The journal “%1” can't be made").arg(target);
    Descriptor fd(openFile(unborn, O_RDWR | O_CREAT | O_EXCL, 0600));
    if (fd.get() < 0) {
        return fail(systemError(what));
    }
    if (!tryLock(fd.get())) {
        const Error error = systemError(what);
        unlink(unbornName.constData());
        return fail(error);
    }
    auto file = std::make_unique<JournalFile>(fd.release(), 0, m_hook);
    if (const Result<> written = file->append(journalformat::header(job, hosts)); !written) {
        unlink(unbornName.constData());
        return fail(written.error());
    }
    if (rename(unbornName.constData(), QFile::encodeName(target).constData()) != 0) {
        const Error error = systemError(what);
        unlink(unbornName.constData());
        return fail(error);
    }
    if (const Result<> synced = syncDirectory(); !synced) {
        unlink(QFile::encodeName(target).constData());
        return fail(synced.error());
    }
    return file;
}

Result<Journal::Opened> Journal::open(const JobId &id) const
{
    Descriptor fd(openFile(path(id), O_RDWR));
    if (fd.get() < 0) {
        return fail(systemError(JournalText::tr("The journal “%1” can't be opened").arg(path(id))));
    }
    if (!tryLock(fd.get())) {
        return fail({Error::Kind::Failed, JournalText::tr("Another process works on this job."),
            JournalText::tr("Wait until it is done, or end it there."), 0, 0});
    }
    auto entry = parse(fd.get(), id); // under the lock: only now it can't change any more
    if (!entry) {
        return fail(entry.error());
    }
    if (ftruncate(fd.get(), static_cast<off_t>(entry->length)) != 0) {
        return fail(systemError(JournalText::tr("The journal “%1” can't be opened").arg(path(id))));
    }
    entry->fileName = QFileInfo(path(id)).fileName();
    auto file = std::make_unique<JournalFile>(fd.release(), entry->length, m_hook);
    return Opened{std::move(file), *std::move(entry)};
}

JournalEntry Journal::readFile(const QString &fileName) const
{
    const QString filePath = QDir(m_directory).filePath(fileName);
    const Descriptor fd(openFile(filePath, O_RDONLY));
    if (fd.get() < 0) {
        return unreadable(fileName, filePath, systemError(JournalText::tr("The journal can't be opened")));
    }
    const bool locked = isLocked(fd.get()); // before reading: whoever has ended by now has written its end
    auto entry = parse(fd.get(), idOf(fileName));
    if (!entry) {
        JournalEntry broken = unreadable(fileName, filePath, entry.error());
        broken.fileName = fileName;
        return broken;
    }
    entry->fileName = fileName;
    if (locked && !entry->ended) {
        entry->standing = JournalEntry::Standing::Running;
        entry->record.state = entry->direction == Direction::Run ? JobState::Running : JobState::Undoing;
        entry->record.canFinish = false;
        entry->record.canUndo = false;
    }
    return *std::move(entry);
}

Result<QList<JournalEntry>> Journal::list() const
{
    const QDir directory(m_directory);
    QList<JournalEntry> entries;
    if (!directory.exists()) {
        return entries;
    }
    if (access(QFile::encodeName(m_directory).constData(), R_OK | X_OK) != 0) {
        return fail(systemError(JournalText::tr("The journal's directory “%1” can't be read").arg(m_directory)));
    }
    const QStringList names = directory.entryList({u'*' + suffix}, QDir::AllEntries | QDir::System | QDir::Hidden);
    for (const QString &name : names) {
        entries.append(readFile(name));
    }
    std::ranges::stable_sort(
        entries, [](const JournalEntry &a, const JournalEntry &b) { return a.record.created < b.record.created; });
    return entries;
}

Result<JournalEntry> Journal::read(const JobId &id) const
{
    if (!QFileInfo::exists(path(id))) {
        return fail(Error{Error::Kind::NotFound,
            JournalText::tr("The journal knows no job %1.").arg(id.toString(QUuid::WithoutBraces)), {}, 0, 0});
    }
    return readFile(QFileInfo(path(id)).fileName());
}

Result<> Journal::prune(int keep) const
{
    const auto entries = list();
    if (!entries) {
        return fail(entries.error());
    }
    auto tooMany = std::ranges::count(*entries, JournalEntry::Standing::Finished, &JournalEntry::standing) - keep;
    for (const JournalEntry &entry : *entries) {
        if (tooMany <= 0) {
            break;
        }
        if (entry.standing == JournalEntry::Standing::Finished) {
            --tooMany;
            if (const Result<> removed = remove(entry.record.id); !removed) {
                return removed;
            }
        }
    }
    const QDir directory(m_directory);
    const QFileInfoList unborn = directory.entryInfoList({u'*' + suffix + unbornSuffix}, QDir::Files | QDir::Hidden);
    for (const QFileInfo &file : unborn) {
        const Descriptor fd(openFile(file.filePath(), O_RDONLY));
        if (fd.get() >= 0 && file.lastModified().secsTo(QDateTime::currentDateTimeUtc()) > unbornAge
            && !isLocked(fd.get())) {
            unlink(QFile::encodeName(file.filePath()).constData());
        }
    }
    return {};
}

Result<> Journal::remove(const JobId &id) const
{
    const QString file = path(id);
    const Descriptor fd(openFile(file, O_RDWR));
    if (fd.get() < 0) {
        return errno == ENOENT ? Result<>{} : fail(systemError(JournalText::tr("“%1” can't be opened").arg(file)));
    }
    // Under the lock, and read again: somebody may be about to take a stuck job up.
    if (!tryLock(fd.get())) {
        return {};
    }
    const auto entry = parse(fd.get(), id);
    if (entry && entry->ended && unlink(QFile::encodeName(file).constData()) != 0 && errno != ENOENT) {
        return fail(systemError(JournalText::tr("“%1” can't be deleted").arg(file)));
    }
    return {};
}

} // namespace vireo::job
