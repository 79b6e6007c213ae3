// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/os/fetch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <curl/curl.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QUrl>

#include "backend/base/sizetext.h"
#include "backend/image/localfile.h"

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

struct FetchText {
    Q_DECLARE_TR_FUNCTIONS(os_fetch)
};

constexpr quint64 textLimit = 4 * 1024 * 1024;
constexpr quint64 reportEvery = 256 * 1024;
constexpr long slowBytesPerSecond = 100;

QString systemText(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

/** Where the bytes go. False: stop, and the error says why. */
using Sink = std::function<Result<>(QByteArrayView)>;

/** What the server was asked for. */
enum class Ask {
    Content,
    Head,
    FirstByte ///< for servers that do not answer HEAD
};

struct Transfer {
    Sink sink;
    FetchProgress progress;
    quint64 limit = 0;
    quint64 done = 0;
    quint64 total = 0;
    quint64 reported = 0;
    Ask ask = Ask::Content;
    bool gotByte = false;
    std::optional<Error> error; ///< our own, behind curl's "write failed"
};

struct Answer {
    quint64 length = 0;  ///< as the server says; 0: it does not
    bool isPage = false; ///< an HTML page, which no kernel is
    QString finalUrl;
};

Error tooLarge(const QString &location, quint64 limit)
{
    return {Error::Kind::Failed,
        FetchText::tr("“%1” is larger than %2, so it was not fetched.").arg(location, sizeText(limit)), {}, 0, 0};
}

size_t onWrite(const char *data, size_t size, size_t count, void *context)
{
    auto *transfer = static_cast<Transfer *>(context);
    const size_t length = size * count;
    transfer->gotByte = true;
    if (transfer->ask != Ask::Content) {
        return length == 0 ? 0 : length - 1; // no more than the first piece is wanted
    }
    transfer->done += length;
    if (transfer->done > transfer->limit) {
        return 0; // transferUrl() says so
    }
    if (const Result<> taken = transfer->sink(QByteArrayView(data, static_cast<qsizetype>(length))); !taken) {
        transfer->error = taken.error();
        return 0;
    }
    return length;
}

int onProgress(void *context, curl_off_t total, curl_off_t, curl_off_t, curl_off_t)
{
    auto *transfer = static_cast<Transfer *>(context);
    if (total > 0) {
        transfer->total = static_cast<quint64>(total);
    }
    if (transfer->progress && transfer->done >= transfer->reported + reportEvery) {
        transfer->reported = transfer->done;
        transfer->progress(transfer->done, std::max(transfer->total, transfer->done));
    }
    return 0;
}

// Both kinds of handle are void in libcurl's header.
struct EasyDeleter {
    void operator()(CURL *handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
    void operator()(CURLM *handle) const { curl_multi_cleanup(handle); }
};

/** Takes the transfer out of the set before either is cleaned up. */
class Attachment final
{
    Q_DISABLE_COPY_MOVE(Attachment)

public:
    Attachment(CURLM *multi, CURL *easy)
        : m_multi(multi)
        , m_easy(easy)
    {
        curl_multi_add_handle(m_multi, m_easy);
    }
    ~Attachment() { curl_multi_remove_handle(m_multi, m_easy); }

private:
    CURLM *m_multi;
    CURL *m_easy;
};

Error httpError(long status, const QString &location, const QString &host)
{
    switch (status) {
    case 404:
    case 410:
        return {Error::Kind::NotFound, FetchText::tr("There is no file at “%1”.").arg(location), {}, int(status), 0};
    case 401:
    case 403:
        return {Error::Kind::Failed,
            FetchText::tr("“%1” does not let “%2” be read (HTTP %3).").arg(host, location).arg(status), {}, int(status),
            0};
    default:
        return {Error::Kind::Failed,
            FetchText::tr("“%1” could not be read: “%2” answered with HTTP %3.").arg(location, host).arg(status), {},
            int(status), 0};
    }
}

Error curlError(CURLcode code, const char *detail, long status, const QString &location)
{
    const QString host = QUrl(location).host();
    const QString text = QString::fromUtf8(*detail ? detail : curl_easy_strerror(code));
    switch (code) {
    case CURLE_HTTP_RETURNED_ERROR:
        return httpError(status, location, host);
    case CURLE_COULDNT_RESOLVE_HOST:
        return {Error::Kind::Failed, FetchText::tr("The host “%1” was not found.").arg(host),
            FetchText::tr("Check the address and this computer's network connection."), 0, 0};
    case CURLE_COULDNT_RESOLVE_PROXY:
        return {Error::Kind::Failed, FetchText::tr("The proxy was not found: %1").arg(text),
            FetchText::tr("Check the proxy settings of this session (http_proxy, https_proxy)."), 0, 0};
    case CURLE_COULDNT_CONNECT:
        return {Error::Kind::Failed, FetchText::tr("No connection to “%1”: %2").arg(host, text), {}, 0, 0};
    case CURLE_REMOTE_FILE_NOT_FOUND:
    case CURLE_REMOTE_ACCESS_DENIED:
        return {Error::Kind::NotFound, FetchText::tr("There is no file at “%1”.").arg(location), {}, 0, 0};
    case CURLE_OPERATION_TIMEDOUT:
        return {
            Error::Kind::TimedOut, FetchText::tr("“%1” does not answer, or too slowly: %2").arg(host, text), {}, 0, 0};
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
        return {Error::Kind::Failed,
            FetchText::tr("The connection ended before “%1” was complete: %2").arg(location, text), {}, 0, 0};
    case CURLE_TOO_MANY_REDIRECTS:
        return {Error::Kind::Failed,
            FetchText::tr("“%1” leads from one address to the next without end.").arg(location), {}, 0, 0};
    case CURLE_UNSUPPORTED_PROTOCOL:
        return {Error::Kind::Failed,
            FetchText::tr("“%1” leads to a kind of address that is not followed: %2").arg(location, text),
            FetchText::tr("Use the address where the files really are."), 0, 0};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        return {Error::Kind::Failed, FetchText::tr("The secure connection to “%1” failed: %2").arg(host, text),
            FetchText::tr("Check the address and this computer's clock and certificates."), 0, 0};
    default:
        return {Error::Kind::Failed, FetchText::tr("“%1” could not be read: %2").arg(location, text), {}, 0, 0};
    }
}

/**
 * Where this computer keeps the certificates of authorities, if not where libcurl was built to look: in an AppImage it
 * comes from another distribution, and brings a file of its own for computers without any. Empty: libcurl knows.
 */
QByteArray authorities()
{
    const curl_version_info_data *about = curl_version_info(CURLVERSION_NOW);
    if (!about->cainfo || QFile::exists(QFile::decodeName(about->cainfo))) {
        return {};
    }
    QStringList places{u"/etc/ssl/certs/ca-certificates.crt"_s, u"/etc/pki/tls/certs/ca-bundle.crt"_s,
        u"/etc/ssl/ca-bundle.pem"_s, u"/etc/ssl/cert.pem"_s};
    if (QCoreApplication::instance()) {
        places.append(QCoreApplication::applicationDirPath() + u"/../share/vireo/ca-certificates.crt"_s);
    }
    const auto found = std::ranges::find_if(places, [](const QString &place) { return QFile::exists(place); });
    return found == places.end() ? QByteArray() : QFile::encodeName(*found);
}

void setUp(CURL *easy, const QByteArray &url, const FetchLimits &limits, Transfer &transfer, char *errorText)
{
    const bool secure = url.startsWith("https:");
    curl_easy_setopt(easy, CURLOPT_URL, url.constData());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,ftp");
    // What was asked for by TLS is never given without.
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https,ftp");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, long(limits.redirects));
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (const QByteArray file = authorities(); !file.isEmpty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, file.constData());
    }
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // A cancelled job does not wait until a name server has answered.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, long(std::chrono::milliseconds(limits.connect).count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, slowBytesPerSecond);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, long(limits.stalled.count()));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Vireo/" VIREO_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, errorText);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &onWrite);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &onProgress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
    if (transfer.ask == Ask::Head) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (transfer.ask == Ask::Content) {
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(transfer.limit));
    }
}

/** Runs the transfer in this thread; a stop wakes it at once. No value: cancelled. */
std::optional<CURLcode> perform(CURLM *multi, CURL *easy, std::stop_token stop)
{
    const Attachment attachment(multi, easy);
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    for (int running = 1; running > 0;) {
        if (stop.stop_requested()) {
            return {};
        }
        if (curl_multi_perform(multi, &running) != CURLM_OK
            || (running > 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK)) {
            return CURLE_FAILED_INIT;
        }
    }
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    return message ? message->data.result : CURLE_FAILED_INIT;
}

Answer answerOf(CURL *easy)
{
    Answer answer;
    curl_off_t length = -1;
    if (curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK && length > 0) {
        answer.length = static_cast<quint64>(length);
    }
    const char *text = nullptr;
    if (curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &text) == CURLE_OK && text) {
        answer.isPage = QByteArrayView(text).startsWith("text/html");
    }
    if (curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &text) == CURLE_OK && text) {
        answer.finalUrl = QString::fromUtf8(text);
    }
    return answer;
}

/** A URL that may be asked for, in the form for the network. */
Result<QByteArray> encodedUrl(const QString &location)
{
    const QUrl url(location, QUrl::StrictMode);
    const QString scheme = url.scheme();
    if (!url.isValid() || (scheme != "http"_L1 && scheme != "https"_L1 && scheme != "ftp"_L1) || url.host().isEmpty()) {
        return fail(Error::invalid(
            FetchText::tr("“%1” is not an address of the kind http://…, https://… or ftp://….").arg(location)));
    }
    if (!url.userInfo().isEmpty()) {
        return fail(Error{Error::Kind::Invalid,
            FetchText::tr("An address with a user name or password can't be used, since it would be written down."),
            FetchText::tr("Use a server that needs no password, or a local copy."), 0, 0});
    }
    return url.toEncoded(QUrl::RemoveFragment);
}

Result<Answer> transferUrl(const QString &location, Transfer &transfer, std::stop_token stop, const FetchLimits &limits)
{
    const auto url = encodedUrl(location);
    if (!url) {
        return fail(url.error());
    }
    static std::once_flag initialised;
    std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    const std::unique_ptr<CURLM, MultiDeleter> multi(curl_multi_init());
    const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
    if (!multi || !easy) {
        return fail(Error::failed(FetchText::tr("The network library could not be started.")));
    }
    std::array<char, CURL_ERROR_SIZE> errorText = {};
    setUp(easy.get(), *url, limits, transfer, errorText.data());
    const auto code = perform(multi.get(), easy.get(), stop);
    if (!code || stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    if (*code == CURLE_FILESIZE_EXCEEDED || (transfer.done > transfer.limit && transfer.ask == Ask::Content)) {
        return fail(tooLarge(location, transfer.limit));
    }
    if (transfer.error) {
        return fail(*transfer.error);
    }
    const bool stoppedByUs = transfer.ask == Ask::FirstByte && transfer.gotByte && *code == CURLE_WRITE_ERROR;
    if (*code != CURLE_OK && !stoppedByUs) {
        long status = 0;
        curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
        return fail(curlError(*code, errorText.data(), status, location));
    }
    return answerOf(easy.get());
}

Result<> copyLocal(const QString &path, Transfer &transfer, std::stop_token stop)
{
    const auto file = image::LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    if (file->size() > transfer.limit) {
        return fail(tooLarge(path, transfer.limit));
    }
    constexpr qsizetype piece = 1024 * 1024;
    while (transfer.done < file->size()) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        const auto wanted = std::min<quint64>(piece, file->size() - transfer.done);
        const QByteArray data = file->read(transfer.done, static_cast<qsizetype>(wanted));
        if (static_cast<quint64>(data.size()) != wanted) {
            return fail(Error::failed(FetchText::tr("Can't read “%1”: it became shorter or has errors.").arg(path)));
        }
        if (const Result<> taken = transfer.sink(data); !taken) {
            return taken;
        }
        transfer.done += wanted;
        onProgress(&transfer, static_cast<curl_off_t>(file->size()), 0, 0, 0);
    }
    return {};
}

bool isPath(const QString &location)
{
    return location.startsWith(u'/');
}

/** The target while it is incomplete: private, and removed unless it was finished. */
class PartFile final
{
    Q_DISABLE_COPY_MOVE(PartFile)

public:
    explicit PartFile(const QString &target)
        : m_target(QFile::encodeName(target))
        , m_part(m_target + ".part")
    {}
    ~PartFile()
    {
        if (m_fd >= 0) {
            ::close(m_fd);
            ::unlink(m_part.constData());
        }
    }

    Result<> open()
    {
        // What a killed run left; never somebody else's, since the directory is private.
        ::unlink(m_part.constData());
        m_fd = ::open(m_part.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
        return m_fd < 0 ? fail(failure()) : Result<>();
    }

    Result<> write(QByteArrayView data) const
    {
        while (!data.isEmpty()) {
            const auto written = ::write(m_fd, data.data(), static_cast<size_t>(data.size()));
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                return fail(failure());
            }
            data = data.sliced(written);
        }
        return {};
    }

    /** Gives it its name; the time of its last change, as it will be found. */
    Result<qint64> finish()
    {
        struct stat status = {};
        if (::fsync(m_fd) != 0 || ::fstat(m_fd, &status) != 0
            || ::rename(m_part.constData(), m_target.constData()) != 0) {
            return fail(failure());
        }
        ::close(std::exchange(m_fd, -1));
        return static_cast<qint64>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
    }

private:
    Error failure() const
    {
        return Error::failed(FetchText::tr("Can't write “%1”: %2").arg(QFile::decodeName(m_target), systemText(errno)));
    }

    QByteArray m_target;
    QByteArray m_part;
    int m_fd = -1;
};

} // namespace

Result<Fetched> fetch(const QString &location, const QString &target, const FetchProgress &progress,
    std::stop_token stop, const FetchLimits &limits)
{
    PartFile file(target);
    if (const Result<> opened = file.open(); !opened) {
        return fail(opened.error());
    }
    Transfer transfer;
    transfer.sink = [&file](QByteArrayView data) {
        return file.write(data);
    };
    transfer.progress = progress;
    transfer.limit = limits.bytes;
    Fetched fetched;
    fetched.finalUrl = location;
    if (isPath(location)) {
        if (const Result<> copied = copyLocal(location, transfer, stop); !copied) {
            return fail(copied.error());
        }
    } else {
        const auto answer = transferUrl(location, transfer, stop, limits);
        if (!answer) {
            return fail(answer.error());
        }
        fetched.finalUrl = answer->finalUrl;
    }
    const auto finished = file.finish();
    if (!finished) {
        return fail(finished.error());
    }
    if (progress) {
        progress(transfer.done, transfer.done);
    }
    fetched.bytes = transfer.done;
    fetched.modifiedNs = *finished;
    return fetched;
}

Result<QByteArray> fetchText(const QString &location, std::stop_token stop, const FetchLimits &limits)
{
    QByteArray text;
    Transfer transfer;
    transfer.sink = [&text](QByteArrayView data) {
        text.append(data);
        return Result<>();
    };
    transfer.limit = std::min(limits.bytes, textLimit);
    if (isPath(location)) {
        if (const Result<> copied = copyLocal(location, transfer, stop); !copied) {
            return fail(copied.error());
        }
    } else if (const auto answer = transferUrl(location, transfer, stop, limits); !answer) {
        return fail(answer.error());
    }
    return text;
}

Result<std::optional<quint64>> probe(const QString &location, std::stop_token stop, const FetchLimits &limits)
{
    using Found = std::optional<quint64>;
    if (isPath(location)) {
        const auto file = image::LocalFile::open(location);
        if (!file) {
            return QFileInfo::exists(location) ? Result<Found>(fail(file.error())) : Found();
        }
        return Found(file->size());
    }
    for (const Ask ask : {Ask::Head, Ask::FirstByte}) {
        Transfer transfer;
        transfer.ask = ask;
        const auto answer = transferUrl(location, transfer, stop, limits);
        if (answer) {
            // A server that greets every wrong address with a page has no kernel there.
            return answer->isPage ? Found() : Found(answer->length);
        }
        const int status = answer.error().code;
        const bool headRefused = ask == Ask::Head && (status == 405 || status == 501 || status == 400);
        if (answer.error().kind == Error::Kind::NotFound || status == 401 || status == 403) {
            return Found();
        }
        if (!headRefused) {
            return fail(answer.error());
        }
    }
    return Found();
}

} // namespace vireo::os
