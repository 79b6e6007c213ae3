// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The program at the head of an AppImage of type 2; a squashfs image follows it in the same file. It mounts the image
// by FUSE and becomes the image's AppRun, so that signals and the exit status are AppRun's own. A second process serves
// the mount and goes, with the mount, when nobody is left who holds the pipe that AppRun got. Where there is no FUSE the
// image is unpacked to a folder, which goes when AppRun has ended. Linked statically: it needs nothing of the host.
#define _GNU_SOURCE
#include <squashfuse/config.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <squashfuse/ll.h>
#include <squashfuse/squashfuse.h>

// Tools look for these; empty: no update information, no signature.
__attribute__((section(".upd_info"), used)) static const char updateInformation[1024] = {0};
__attribute__((section(".sha256_sig"), used)) static const char signature[1024] = {0};

static const char help[] = "Options of the AppImage itself:\n"
                           "  --appimage-extract [PATTERN]  unpack it, or what matches, into ./squashfs-root\n"
                           "  --appimage-extract-and-run    run it without FUSE; so does APPIMAGE_EXTRACT_AND_RUN=1\n"
                           "  --appimage-mount              mount it, print where, and wait for Ctrl+C\n"
                           "  --appimage-offset             print at which byte the file system begins\n"
                           "  --appimage-version            print what this is\n"
                           "All other options are the program's: see --help.\n";

static void complain(const char *what)
{
    fprintf(stderr, "AppImage: %s: %s\n", what, strerror(errno));
}

/** Where the ELF file ends and the file system begins; -1: this is no such file. */
static off_t imageOffset(const char *file)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    Elf64_Ehdr header;
    off_t end = -1;
    if (fd >= 0 && pread(fd, &header, sizeof header, 0) == sizeof header) {
        end = (off_t)(header.e_shoff + (Elf64_Off)header.e_shentsize * header.e_shnum);
    }
    if (fd >= 0) {
        close(fd);
    }
    return end;
}

static int extractFile(sqfs *image, sqfs_inode *inode, const char *to)
{
    static char buffer[256 * 1024];
    unlink(to);
    const int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return -1;
    }
    sqfs_off_t position = 0;
    const sqfs_off_t size = (sqfs_off_t)inode->xtra.reg.file_size;
    while (position < size) {
        sqfs_off_t part = sizeof buffer;
        if (sqfs_read_range(image, inode, position, &part, buffer) != SQFS_OK || part <= 0) {
            errno = EIO;
            break;
        }
        if (write(fd, buffer, (size_t)part) != part) {
            break;
        }
        position += part;
    }
    const int failed = position < size || fchmod(fd, inode->base.mode & 0755) != 0;
    return close(fd) != 0 || failed ? -1 : 0;
}

static int extractLink(sqfs *image, sqfs_inode *inode, const char *to)
{
    char target[PATH_MAX];
    size_t size = sizeof target;
    if (sqfs_readlink(image, inode, target, &size) != SQFS_OK) {
        errno = EIO;
        return -1;
    }
    unlink(to);
    return symlink(target, to);
}

/** Whether an entry, or a folder above it, matches. */
static int isWanted(const char *path, const char *pattern)
{
    return !pattern || fnmatch(pattern, path, FNM_LEADING_DIR) == 0;
}

/** Makes the folders above a file, below `root`. */
static void makeParents(char *path, size_t root)
{
    for (char *slash = path + root + 1; (slash = strchr(slash, '/')); ++slash) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
}

/** Unpacks the image below `to`, which exists; says so of each with `verbose`. 0 or -1 with errno. */
static int extract(const char *file, off_t offset, const char *to, const char *pattern, int verbose)
{
    sqfs image;
    sqfs_traverse walk;
    sqfs_err error = SQFS_OK;
    int failed = 0;
    if (sqfs_open_image(&image, file, (size_t)offset) != SQFS_OK) {
        errno = EINVAL;
        return -1;
    }
    if (sqfs_traverse_open(&walk, &image, sqfs_inode_root(&image)) != SQFS_OK) {
        sqfs_destroy(&image);
        errno = EIO;
        return -1;
    }
    while (!failed && sqfs_traverse_next(&walk, &error)) {
        char path[PATH_MAX];
        sqfs_inode inode;
        if (walk.dir_end || !walk.path[0] || !isWanted(walk.path, pattern)) {
            continue;
        }
        if (snprintf(path, sizeof path, "%s/%s", to, walk.path) >= (int)sizeof path) {
            errno = ENAMETOOLONG;
            failed = 1;
            break;
        }
        if (sqfs_inode_get(&image, &inode, sqfs_dentry_inode(&walk.entry)) != SQFS_OK) {
            errno = EIO;
            failed = 1;
            break;
        }
        if (verbose) {
            puts(path);
        }
        if (pattern) {
            makeParents(path, strlen(to));
        }
        if (S_ISDIR(inode.base.mode)) {
            failed = mkdir(path, 0755) != 0 && errno != EEXIST;
        } else if (S_ISLNK(inode.base.mode)) {
            failed = extractLink(&image, &inode, path) != 0;
        } else if (S_ISREG(inode.base.mode)) {
            failed = extractFile(&image, &inode, path) != 0;
        }
    }
    if (!failed && error != SQFS_OK) {
        errno = EIO;
        failed = 1;
    }
    const int number = errno;
    sqfs_traverse_close(&walk);
    sqfs_fd_close(image.fd);
    sqfs_destroy(&image);
    errno = number;
    return failed ? -1 : 0;
}

static int removeOne(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static void removeTree(const char *path)
{
    nftw(path, removeOne, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/** A new folder of our own below a place for temporary files, one that programs may run from if `toRun`. 0 or -1. */
static int makeFolder(char folder[PATH_MAX], int toRun)
{
    char cache[PATH_MAX] = "";
    if (getenv("XDG_CACHE_HOME")) {
        snprintf(cache, sizeof cache, "%s", getenv("XDG_CACHE_HOME"));
    } else if (getenv("HOME")) {
        snprintf(cache, sizeof cache, "%s/.cache", getenv("HOME"));
    }
    const char *const places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp", cache};
    for (size_t index = 0; index < sizeof places / sizeof *places; ++index) {
        struct statvfs where;
        if (!places[index] || places[index][0] != '/'
            || (toRun && statvfs(places[index], &where) == 0 && (where.f_flag & ST_NOEXEC))
            || snprintf(folder, PATH_MAX, "%s/.mount_VireoXXXXXX", places[index]) >= PATH_MAX) {
            continue;
        }
        if (mkdtemp(folder)) {
            return 0;
        }
    }
    return -1;
}

/** Becomes AppRun; returns only when that fails. */
static int becomeAppRun(const char *folder, char **arguments)
{
    char program[PATH_MAX];
    if (snprintf(program, sizeof program, "%s/AppRun", folder) >= (int)sizeof program) {
        return 127;
    }
    setenv("APPDIR", folder, 1);
    execv(program, arguments);
    complain(program);
    return 127;
}

/** Answers the kernel until nobody holds the other end of `alive`, or somebody ended or unmounted us. */
static void serveRequests(struct fuse_session *session, int alive)
{
    struct fuse_buf buffer;
    memset(&buffer, 0, sizeof buffer);
    while (!fuse_session_exited(session)) {
        struct pollfd ends[2] = {{fuse_session_fd(session), POLLIN, 0}, {alive, POLLIN, 0}};
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        if (ends[1].revents & (POLLHUP | POLLERR)) {
            break;
        }
        if (ends[0].revents) {
            const int got = fuse_session_receive_buf(session, &buffer);
            if (got == -EINTR || got == -EAGAIN) {
                continue;
            }
            if (got <= 0) {
                break;
            }
            fuse_session_process_buf(session, &buffer);
        }
    }
    free(buffer.mem);
}

/** The serving process: mounts, writes a byte to `ready`, serves. */
static int serve(const char *file, off_t offset, const char *folder, int ready, int alive)
{
    struct fuse_lowlevel_ops operations;
    memset(&operations, 0, sizeof operations);
    operations.getattr = sqfs_ll_op_getattr;
    operations.opendir = sqfs_ll_op_opendir;
    operations.releasedir = sqfs_ll_op_releasedir;
    operations.readdir = sqfs_ll_op_readdir;
    operations.lookup = sqfs_ll_op_lookup;
    operations.open = sqfs_ll_op_open;
    operations.create = sqfs_ll_op_create;
    operations.release = sqfs_ll_op_release;
    operations.read = sqfs_ll_op_read;
    operations.readlink = sqfs_ll_op_readlink;
    operations.forget = sqfs_ll_op_forget;
    operations.statfs = stfs_ll_op_statfs;

    // Neither the terminal's Ctrl+C nor a closed terminal shall take the files away from under the program. What FUSE
    // has to say when it does not work, nobody needs to read: the image is unpacked then.
    setsid();
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);

    static sqfs_ll image;
    if (sqfs_open_image(&image.fs, file, (size_t)offset) != SQFS_OK || sqfs_ll_init(&image) != SQFS_OK) {
        return 1;
    }
    char name[] = "appimage";
    char option[] = "-oro,nosuid,nodev,fsname=vireo,subtype=appimage";
    char *words[] = {name, option, NULL};
    struct fuse_args arguments = FUSE_ARGS_INIT(2, words);
    sqfs_ll_chan channel;
    if (sqfs_ll_mount(&channel, folder, &arguments, &operations, sizeof operations, &image) != SQFS_OK) {
        return 1;
    }
    fuse_set_signal_handlers(channel.session);
    if (write(ready, "1", 1) == 1) {
        close(ready);
        serveRequests(channel.session, alive);
    }
    sqfs_ll_unmount(&channel, folder);
    sqfs_ll_destroy(&image);
    rmdir(folder);
    return 0;
}

/** Mounts the image at `folder`. 0, or -1 where that is not possible; then nothing of it is left. */
static int mountImage(const char *file, off_t offset, const char *folder)
{
    int ready[2];
    int alive[2];
    char byte = 0;
    if (access("/dev/fuse", R_OK | W_OK) != 0 || pipe2(ready, O_CLOEXEC) != 0) {
        return -1;
    }
    if (pipe(alive) != 0) { // AppRun and what it starts inherit the end for writing: as long as one has it, all is there
        close(ready[0]);
        close(ready[1]);
        return -1;
    }
    const pid_t server = fork();
    if (server == 0) {
        close(ready[0]);
        close(alive[1]);
        // Not our child but init's: whoever AppRun waits for, it is not the server.
        if (fork() != 0) {
            _exit(0);
        }
        _exit(serve(file, offset, folder, ready[1], alive[0]));
    }
    close(ready[1]);
    close(alive[0]);
    if (server > 0) {
        while (waitpid(server, NULL, 0) < 0 && errno == EINTR) {}
    }
    ssize_t got = 0;
    do {
        got = server < 0 ? 0 : read(ready[0], &byte, 1);
    } while (got < 0 && errno == EINTR);
    close(ready[0]);
    if (got != 1) {
        close(alive[1]);
        return -1;
    }
    return 0;
}

static volatile sig_atomic_t child = 0;

static void passOn(int number)
{
    if (child > 0) {
        kill(child, number);
    }
}

/** Unpacks the image, runs AppRun and waits for it. The exit status, or the end by the same signal. */
static int extractAndRun(const char *file, off_t offset, char **arguments)
{
    static const int passed[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2};
    char folder[PATH_MAX];
    // Until the child is known signals wait: none may leave an unpacked image behind.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    if (makeFolder(folder, 1) != 0) {
        complain("no place for temporary files");
        return 127;
    }
    if (extract(file, offset, folder, NULL, 0) != 0) {
        complain(folder);
        removeTree(folder);
        return 127;
    }
    const pid_t self = getpid();
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != self) {
            _exit(127);
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
        _exit(becomeAppRun(folder, arguments));
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    for (size_t index = 0; index < sizeof passed / sizeof *passed; ++index) {
        // The terminal gives its own to both of us: those are not passed on twice.
        const int isTerminals = passed[index] == SIGINT || passed[index] == SIGQUIT;
        action.sa_handler = isTerminals && isatty(0) ? SIG_IGN : passOn;
        sigaction(passed[index], &action, NULL);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    int status = 127 << 8;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (child < 0) {
        complain("can't start AppRun");
    }
    removeTree(folder);
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
        return 128 + WTERMSIG(status);
    }
    return WEXITSTATUS(status);
}

static int extractHere(const char *file, off_t offset, const char *pattern)
{
    char folder[] = "squashfs-root";
    if ((mkdir(folder, 0755) != 0 && errno != EEXIST) || extract(file, offset, folder, pattern, 1) != 0) {
        complain(folder);
        return 1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    char self[PATH_MAX];
    char folder[PATH_MAX];
    // Without /proc the kernel's word for what was started has to do.
    if (!realpath("/proc/self/exe", self) && !realpath((const char *)getauxval(AT_EXECFN), self)) {
        complain(arguments[0]);
        return 127;
    }
    const off_t offset = imageOffset(self);
    const char *option = count > 1 && strncmp(arguments[1], "--appimage-", 11) == 0 ? arguments[1] + 11 : NULL;
    const char *wish = getenv("APPIMAGE_EXTRACT_AND_RUN");
    int unpack = wish && wish[0] && strcmp(wish, "0") != 0;
    int mountOnly = 0;
    if (offset < 0) {
        complain(self);
        return 127;
    }
    if (option && strcmp(option, "extract-and-run") == 0) {
        unpack = 1;
        arguments[1] = arguments[0];
        ++arguments;
    } else if (option && strcmp(option, "mount") == 0) {
        mountOnly = 1;
    } else if (option && strcmp(option, "extract") == 0) {
        return extractHere(self, offset, count > 2 ? arguments[2] : NULL);
    } else if (option && strcmp(option, "offset") == 0) {
        printf("%lld\n", (long long)offset);
        return 0;
    } else if (option && strcmp(option, "version") == 0) {
        puts("Vireo's AppImage runtime, type 2");
        return 0;
    } else if (option) {
        fputs(help, strcmp(option, "help") == 0 ? stdout : stderr);
        return strcmp(option, "help") == 0 ? 0 : 1;
    }

    char cwd[PATH_MAX];
    setenv("APPIMAGE", self, 1);
    setenv("ARGV0", arguments[0], 1);
    if (getcwd(cwd, sizeof cwd)) {
        setenv("OWD", cwd, 1);
    }
    if (!unpack && makeFolder(folder, 0) == 0) {
        if (mountImage(self, offset, folder) == 0) {
            if (!mountOnly) {
                return becomeAppRun(folder, arguments);
            }
            puts(folder);
            fflush(stdout);
            pause();
            return 0;
        }
        rmdir(folder);
    }
    if (mountOnly) {
        fputs("AppImage: can't mount: FUSE is not there or not allowed\n", stderr);
        return 1;
    }
    return extractAndRun(self, offset, arguments);
}
