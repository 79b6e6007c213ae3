// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/tool.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

using Clock = std::chrono::steady_clock;

constexpr qsizetype maximumOutput = 256 * 1024;

struct ToolText {
    Q_DECLARE_TR_FUNCTIONS(image_tool)
};

class Descriptor final
{
    Q_DISABLE_COPY_MOVE(Descriptor)

public:
    Descriptor() = default;
    ~Descriptor() { reset(); }
    int get() const { return m_fd; }
    void reset(int fd = -1)
    {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
        m_fd = fd;
    }

private:
    int m_fd = -1;
};

struct Pipe {
    Descriptor read;
    Descriptor write;

    bool open()
    {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            return false;
        }
        read.reset(ends[0]);
        write.reset(ends[1]);
        return true;
    }
};

/** Everything the child needs, made before the fork: it may neither allocate nor take a lock. */
struct ChildPlan {
    const char *program = nullptr;
    char *const *arguments = nullptr;
    char *const *environment = nullptr;
    int input = -1;
    int output = -1;
    int errors = -1;
    int failure = -1; ///< errno goes here when the program can't be started; closed by a successful exec
    pid_t parent = 0;
    ToolLimits limits;
};

[[noreturn]] void giveUp(const ChildPlan &plan)
{
    const int number = errno;
    [[maybe_unused]] const auto written = write(plan.failure, &number, sizeof number);
    _exit(127);
}

void limit(const ChildPlan &plan, decltype(RLIMIT_CORE) resource, quint64 soft, quint64 hard)
{
    struct rlimit now = {};
    if (getrlimit(resource, &now) != 0) {
        giveUp(plan);
    }
    // Never more than we were given ourselves.
    const rlim_t top = std::min<rlim_t>(hard, now.rlim_max);
    const struct rlimit wanted = {std::min<rlim_t>(soft, top), top};
    if (setrlimit(resource, &wanted) != 0) {
        giveUp(plan);
    }
}

/** In the child, between fork and exec: only calls that are safe after a fork of a program with threads. */
[[noreturn]] void becomeTool(const ChildPlan &plan)
{
    setpgid(0, 0);
    // The signal comes when the thread ends that forked; it waits for us, so it ends only with the process.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        giveUp(plan);
    }
    if (getppid() != plan.parent) {
        _exit(127);
    }
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction plain = {};
        plain.sa_handler = SIG_DFL;
        sigaction(number, &plain, nullptr);
    }
    if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.errors, 2) < 0) {
        giveUp(plan);
    }
    constexpr unsigned int closeOnExec = 1U << 2; // CLOSE_RANGE_CLOEXEC
    if (syscall(SYS_close_range, 3U, ~0U, closeOnExec) != 0) {
        for (int fd = 3; fd < 4096; ++fd) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    limit(plan, RLIMIT_CORE, 0, 0);
    if (plan.limits.addressSpace > 0) {
        limit(plan, RLIMIT_AS, plan.limits.addressSpace, plan.limits.addressSpace);
    }
    if (plan.limits.fileSize > 0) {
        limit(plan, RLIMIT_FSIZE, plan.limits.fileSize, plan.limits.fileSize);
    }
    if (const auto seconds = static_cast<quint64>(plan.limits.cpu.count()); seconds > 0) {
        limit(plan, RLIMIT_CPU, seconds, seconds + 1); // SIGXCPU, then SIGKILL
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(plan.program, plan.arguments, plan.environment);
    giveUp(plan);
}

Error cannotStart(const QString &program, int number)
{
    return Error::failed(
        ToolText::tr("Can't start %1: %2").arg(program, QString::fromLocal8Bit(std::strerror(number))));
}

/** Keeps a bounded part of one stream and cuts it into lines. */
class Collector final
{
    Q_DISABLE_COPY_MOVE(Collector)

public:
    explicit Collector(const std::function<void(QByteArrayView)> &onLine = {})
        : m_onLine(onLine)
    {}

    /** False: the end. */
    bool readFrom(int fd)
    {
        std::array<char, 16384> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0) {
            return errno == EINTR || errno == EAGAIN;
        }
        if (got == 0) {
            takeLine();
            return false;
        }
        const QByteArrayView data(buffer.data(), got);
        m_text.append(data.first(std::min(qsizetype(got), maximumOutput - m_text.size())));
        if (m_onLine) {
            for (const char c : data) {
                if (c == '\n' || c == '\r') {
                    takeLine();
                } else if (m_line.size() < 4096) {
                    m_line.append(c);
                }
            }
        }
        return true;
    }
    QByteArray text() const { return m_text; }

private:
    void takeLine()
    {
        if (m_onLine && !m_line.isEmpty()) {
            m_onLine(m_line);
        }
        m_line.clear();
    }

    std::function<void(QByteArrayView)> m_onLine;
    QByteArray m_text;
    QByteArray m_line;
};

/** The parent's side of one run. */
class Run final
{
    Q_DISABLE_COPY_MOVE(Run)

public:
    explicit Run(const ToolCall &call)
        : m_call(call)
        , m_output(call.onLine)
    {}

    Result<ToolOutcome> operator()(const std::stop_token &stop)
    {
        m_wake.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        m_input.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (m_wake.get() < 0 || m_input.get() < 0 || !m_out.open() || !m_err.open() || !m_failure.open()) {
            return fail(cannotStart(m_call.program, errno));
        }
        if (const Result<> started = start(); !started) {
            return fail(started.error());
        }
        const std::stop_callback onStop(stop, [fd = m_wake.get()] {
            const quint64 one = 1;
            [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
        });
        const int status = wait(stop);
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (m_timedOut) {
            return fail(Error{Error::Kind::TimedOut,
                ToolText::tr("%1 did not finish in time and was ended.").arg(m_call.program), {}, 0, 0});
        }
        ToolOutcome outcome;
        outcome.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        outcome.output = m_output.text();
        outcome.errors = m_errors.text();
        return outcome;
    }

private:
    Result<> start()
    {
        const QByteArray program = QFile::encodeName(m_call.program);
        QList<QByteArray> words{program};
        for (const QString &argument : m_call.arguments) {
            words << QFile::encodeName(argument);
        }
        std::vector<char *> arguments;
        for (QByteArray &word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        QByteArray locale("LC_ALL=C.UTF-8");
        QByteArray path("PATH=/usr/bin:/bin:/usr/sbin:/sbin");
        const std::array<char *, 3> environment{locale.data(), path.data(), nullptr};

        const ChildPlan plan{.program = program.constData(),
            .arguments = arguments.data(),
            .environment = environment.data(),
            .input = m_input.get(),
            .output = m_out.write.get(),
            .errors = m_err.write.get(),
            .failure = m_failure.write.get(),
            .parent = getpid(),
            .limits = m_call.limits};
        // No handler of ours may run in the child before it has put them all away.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        m_pid = fork();
        if (m_pid == 0) {
            becomeTool(plan);
        }
        const int number = errno;
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (m_pid < 0) {
            return fail(cannotStart(m_call.program, number));
        }
        setpgid(m_pid, m_pid); // on both sides: whoever is first
        m_out.write.reset();
        m_err.write.reset();
        m_failure.write.reset();
        int failure = 0;
        ssize_t got = 0;
        do {
            got = read(m_failure.read.get(), &failure, sizeof failure);
        } while (got < 0 && errno == EINTR);
        if (got == sizeof failure) {
            reap();
            return fail(cannotStart(m_call.program, failure));
        }
        m_process.reset(static_cast<int>(syscall(SYS_pidfd_open, m_pid, 0)));
        return {};
    }

    int reap() const
    {
        int status = 0;
        while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {}
        return status;
    }

    /** Whether it has ended; it stays a zombie, so that its group can't be somebody else's yet. */
    bool hasEnded() const
    {
        siginfo_t info = {};
        return waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == m_pid;
    }

    int timeout(bool stopping, Clock::time_point killAt) const
    {
        using std::chrono::milliseconds;
        auto next = milliseconds(m_process.get() >= 0 ? 60000 : 50); // old kernels: look now and then
        const auto until = [&next](Clock::time_point when) {
            next = std::min(next, std::max(milliseconds(0), std::chrono::ceil<milliseconds>(when - Clock::now())));
        };
        if (stopping && !m_killed) {
            until(killAt);
        } else if (!stopping && m_call.limits.wall.count() > 0) {
            until(m_started + m_call.limits.wall);
        }
        return static_cast<int>(next.count());
    }

    int wait(const std::stop_token &stop)
    {
        bool stopping = false;
        Clock::time_point killAt;
        while (!hasEnded()) {
            std::array<pollfd, 4> fds{{{m_out.read.get(), POLLIN, 0}, {m_err.read.get(), POLLIN, 0},
                {m_process.get(), POLLIN, 0}, {stopping ? -1 : m_wake.get(), POLLIN, 0}}};
            poll(fds.data(), fds.size(), timeout(stopping, killAt));
            if (fds[0].revents != 0 && !m_output.readFrom(m_out.read.get())) {
                m_out.read.reset();
            }
            if (fds[1].revents != 0 && !m_errors.readFrom(m_err.read.get())) {
                m_err.read.reset();
            }
            const bool late =
                m_call.limits.wall.count() > 0 && Clock::now() >= m_started + m_call.limits.wall && !stopping;
            if (!stopping && (stop.stop_requested() || late)) {
                stopping = true;
                m_timedOut = late && !stop.stop_requested();
                killAt = Clock::now() + m_call.grace;
                kill(-m_pid, SIGTERM);
            } else if (stopping && !m_killed && Clock::now() >= killAt) {
                m_killed = true;
                kill(-m_pid, SIGKILL);
            }
        }
        // Whatever it started goes with it.
        kill(-m_pid, SIGKILL);
        const int status = reap();
        drain(m_out.read, m_output);
        drain(m_err.read, m_errors);
        return status;
    }

    /** What was written before the end; nobody who still has the pipe can hold us up. */
    static void drain(Descriptor &from, Collector &into)
    {
        if (from.get() < 0) {
            return;
        }
        fcntl(from.get(), F_SETFL, O_NONBLOCK);
        for (pollfd fd{from.get(), POLLIN, 0}; poll(&fd, 1, 0) == 1 && into.readFrom(from.get());) {}
    }

    const ToolCall &m_call;
    Collector m_output;
    Collector m_errors;
    Descriptor m_wake;
    Descriptor m_input;
    Descriptor m_process;
    Pipe m_out;
    Pipe m_err;
    Pipe m_failure;
    pid_t m_pid = -1;
    Clock::time_point m_started = Clock::now();
    bool m_killed = false;
    bool m_timedOut = false;
};

} // namespace

QString ToolOutcome::reason() const
{
    for (const QByteArray &text : {errors, output}) {
        const QString line = QString::fromUtf8(text.trimmed().split('\n').constLast()).simplified();
        if (!line.isEmpty() && signal == 0) {
            return line.left(500);
        }
    }
    switch (signal) {
    case 0:
        return ToolText::tr("it ended with code %1.").arg(exitCode);
    case SIGXCPU:
        return ToolText::tr("it needed more processor time than it may.");
    case SIGXFSZ:
        return ToolText::tr("it wrote more than it may.");
    default:
        return ToolText::tr("it was ended by signal %1.").arg(signal);
    }
}

QStringList toolDirectories()
{
    // In a Flatpak what the computer has is out of reach, and ours beside us.
    const QString flatpak = u"/app/bin"_s;
    if (QCoreApplication::instance() && QCoreApplication::applicationDirPath() == flatpak) {
        return {flatpak, u"/usr/bin"_s, u"/usr/sbin"_s};
    }
    return {u"/usr/bin"_s, u"/bin"_s, u"/usr/sbin"_s, u"/sbin"_s, u"/usr/local/bin"_s, u"/usr/local/sbin"_s};
}

QString findTool(const QString &name, const QStringList &directories)
{
    if (name.isEmpty() || name.contains(u'/')) {
        return {};
    }
    for (const QString &directory : directories) {
        const QFileInfo file(directory + u'/' + name);
        if (directory.startsWith(u'/') && file.isFile() && file.isExecutable()) {
            return file.filePath();
        }
    }
    return {};
}

Result<ToolOutcome> runTool(const ToolCall &call, std::stop_token stop)
{
    if (!call.program.startsWith(u'/')) {
        return fail(Error::invalid(ToolText::tr("“%1” is not the absolute path of a program.").arg(call.program)));
    }
    for (const QString &argument : call.arguments) {
        if (argument.contains(QChar(0))) {
            return fail(Error::invalid(ToolText::tr("An argument can't hold a null character.")));
        }
    }
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    return Run(call)(stop);
}

} // namespace vireo::image
