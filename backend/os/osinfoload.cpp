// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// GLib before Qt, whose macros it must not meet.
#include <gio/gio.h>
extern "C" {
#include <osinfo/osinfo.h>
}

#include <mutex>

#include <QCoreApplication>
#include <QFile>

#include "backend/os/osinfoload.h"

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

struct OsinfoText {
    Q_DECLARE_TR_FUNCTIONS(os_OsCatalog)
};

struct ObjectDeleter {
    void operator()(gpointer object) const
    {
        if (object) {
            g_object_unref(object);
        }
    }
};
template<typename T>
using Owned = std::unique_ptr<T, ObjectDeleter>;

/** A GError that is freed. */
class GlibError final
{
    Q_DISABLE_COPY_MOVE(GlibError)

public:
    GlibError() = default;
    ~GlibError() { g_clear_error(&m_error); }
    GError **out() { return &m_error; }
    explicit operator bool() const { return m_error; }
    bool is(GQuark domain, int code) const { return m_error && g_error_matches(m_error, domain, code); }
    GQuark domain() const { return m_error ? m_error->domain : 0; }
    QString text() const { return m_error ? QString::fromUtf8(m_error->message) : QString(); }

private:
    GError *m_error = nullptr;
};

/**
 * libosinfo's blocking calls run a main loop on the thread's own context. Without one they would wait for the default
 * context, which belongs to the GUI thread.
 */
class PrivateContext final
{
    Q_DISABLE_COPY_MOVE(PrivateContext)

public:
    PrivateContext()
        : m_context(g_main_context_new())
    {
        g_main_context_push_thread_default(m_context);
    }
    ~PrivateContext()
    {
        g_main_context_pop_thread_default(m_context);
        g_main_context_unref(m_context);
    }

private:
    GMainContext *m_context;
};

QString text(const char *value)
{
    return QString::fromUtf8(value);
}

// The library's lists have a common base, which its cast macros reach by C casts.
template<typename T>
OsinfoList *asList(T *list)
{
    return reinterpret_cast<OsinfoList *>(list);
}
template<typename T>
OsinfoProduct *asProduct(T *object)
{
    return reinterpret_cast<OsinfoProduct *>(object);
}
template<typename T>
OsinfoEntity *asEntity(T *object)
{
    return reinterpret_cast<OsinfoEntity *>(object);
}

/** Calls `use` with each element, typed. */
template<typename T, typename List, typename Use>
void forEach(List *list, const Use &use)
{
    const gint length = list ? osinfo_list_get_length(asList(list)) : 0;
    for (gint i = 0; i < length; ++i) {
        use(reinterpret_cast<T *>(osinfo_list_get_nth(asList(list), i)));
    }
}

QDate toDate(GDate *date)
{
    if (!date) {
        return {};
    }
    const QDate result(g_date_get_year(date), static_cast<int>(g_date_get_month(date)), g_date_get_day(date));
    g_date_free(date);
    return result;
}

quint64 positive(gint64 value)
{
    return value > 0 ? static_cast<quint64>(value) : 0;
}

void addResources(Os &os, OsinfoResourcesList *list, Resources ArchResources::*which)
{
    const Owned<OsinfoResourcesList> owned(list);
    forEach<OsinfoResources>(list, [&os, which](OsinfoResources *entry) {
        const QString arch = text(osinfo_resources_get_architecture(entry));
        ArchResources *target = nullptr;
        for (ArchResources &existing : os.resources) {
            if (existing.arch == arch) {
                target = &existing;
            }
        }
        if (!target) {
            target = &os.resources.emplaceBack();
            target->arch = arch;
        }
        target->*which = {positive(osinfo_resources_get_ram(entry)),
            static_cast<int>(positive(osinfo_resources_get_n_cpus(entry))),
            positive(osinfo_resources_get_storage(entry))};
    });
}

/** Which need each device of the database answers; old and new virtio have numbers of their own. */
const QHash<QString, bool Needs::*> &needsByDevice()
{
    static const QHash<QString, bool Needs::*> table = {
        {u"http://pcisig.com/pci/1af4/1000"_s, &Needs::virtioNet},
        {u"http://pcisig.com/pci/1af4/1041"_s, &Needs::virtioNet},
        {u"http://pcisig.com/pci/1af4/1001"_s, &Needs::virtioDisk},
        {u"http://pcisig.com/pci/1af4/1042"_s, &Needs::virtioDisk},
        {u"http://pcisig.com/pci/1af4/1002"_s, &Needs::virtioBalloon},
        {u"http://pcisig.com/pci/1af4/1045"_s, &Needs::virtioBalloon},
        {u"http://pcisig.com/pci/1af4/1003"_s, &Needs::virtioConsole},
        {u"http://pcisig.com/pci/1af4/1043"_s, &Needs::virtioConsole},
        {u"http://pcisig.com/pci/1af4/1004"_s, &Needs::virtioScsi},
        {u"http://pcisig.com/pci/1af4/1048"_s, &Needs::virtioScsi},
        {u"http://pcisig.com/pci/1af4/1005"_s, &Needs::virtioRng},
        {u"http://pcisig.com/pci/1af4/1044"_s, &Needs::virtioRng},
        {u"http://pcisig.com/pci/1af4/1050"_s, &Needs::virtioGpu},
        {u"http://pcisig.com/pci/1af4/1052"_s, &Needs::virtioInput},
        {u"http://pcisig.com/pci/1af4/105a"_s, &Needs::virtioFs},
        {u"http://pcisig.com/pci/1b36/0100"_s, &Needs::qxl},
        {u"http://pcisig.com/pci/1b36/0004"_s, &Needs::usb3},
        {u"http://pcisig.com/pci/1033/0194"_s, &Needs::usb3},
        {u"http://pcisig.com/pci/1b36/000d"_s, &Needs::usb3},
        {u"http://usb.org/usb/80ee/0021"_s, &Needs::usbTablet},
        {u"http://qemu.org/chipset/x86/q35"_s, &Needs::q35},
        {u"http://pcisig.com/pci/8086/10d3"_s, &Needs::e1000e},
        {u"http://pcisig.com/pci/8086/2415"_s, &Needs::ac97},
        {u"http://pcisig.com/pci/8086/2668"_s, &Needs::ich6},
        {u"http://pcisig.com/pci/8086/293e"_s, &Needs::ich9},
    };
    return table;
}

Needs readNeeds(OsinfoOs *source, const Os &os)
{
    Needs needs;
    const Owned<OsinfoDeviceList> devices(osinfo_os_get_all_devices(source, nullptr));
    forEach<OsinfoDevice>(devices.get(), [&needs](OsinfoDevice *device) {
        if (const auto need = needsByDevice().value(text(osinfo_entity_get_id(asEntity(device))))) {
            needs.*need = true;
        }
    });
    const Owned<OsinfoFirmwareList> firmware(osinfo_os_get_complete_firmware_list(source, nullptr));
    forEach<OsinfoFirmware>(firmware.get(), [&needs](OsinfoFirmware *entry) {
        needs.firmware.append({text(osinfo_firmware_get_architecture(entry)),
            text(osinfo_firmware_get_firmware_type(entry)), osinfo_firmware_is_supported(entry) != FALSE});
    });
    // The database has no words for these: the Windows that gave up BIOS is the one whose set-up looks for them.
    needs.secureBoot = os.isWindows() && needs.requiresEfi(u"x86_64"_s);
    needs.tpm = needs.secureBoot;
    return needs;
}

Os readOs(OsinfoOs *source)
{
    Os os;
    OsinfoProduct *product = asProduct(source);
    os.shortId = text(osinfo_product_get_short_id(product));
    GList *ids = osinfo_product_get_short_id_list(product);
    for (const GList *id = ids; id; id = id->next) {
        const QString alias = text(static_cast<const char *>(id->data));
        if (alias != os.shortId) {
            os.aliases << alias;
        }
    }
    g_list_free(ids);
    os.id = text(osinfo_entity_get_id(asEntity(source)));
    os.name = text(osinfo_product_get_name(product));
    os.vendor = text(osinfo_product_get_vendor(product));
    os.version = text(osinfo_product_get_version(product));
    os.codename = text(osinfo_product_get_codename(product));
    os.family = text(osinfo_os_get_family(source));
    os.distro = text(osinfo_os_get_distro(source));
    os.released = toDate(osinfo_product_get_release_date(product));
    os.endOfLife = toDate(osinfo_product_get_eol_date(product));
    os.rolling = osinfo_os_get_release_status(source) == OSINFO_RELEASE_STATUS_ROLLING;
    os.kernelUrlArgument = text(osinfo_os_get_kernel_url_argument(source));
    os.cloudUser = text(osinfo_os_get_cloud_image_username(source));
    addResources(os, osinfo_os_get_minimum_resources(source), &ArchResources::minimum);
    addResources(os, osinfo_os_get_recommended_resources(source), &ArchResources::recommended);
    addResources(os, osinfo_os_get_maximum_resources(source), &ArchResources::maximum);
    addResources(os, osinfo_os_get_network_install_resources(source), &ArchResources::networkInstall);
    os.needs = readNeeds(source, os);
    return os;
}

/** The variant's name if there is just one: else nobody knows which it is. */
QString variantName(OsinfoOsVariantList *list)
{
    const Owned<OsinfoOsVariantList> variants(list);
    QStringList names;
    forEach<OsinfoOsVariant>(
        list, [&names](OsinfoOsVariant *variant) { names << text(osinfo_os_variant_get_name(variant)); });
    return names.size() == 1 ? names.first() : QString();
}

QString withoutLastSlash(QString url)
{
    while (url.endsWith(u'/')) {
        url.chop(1);
    }
    return url;
}

} // namespace

struct OsinfoDatabase::Private {
    Owned<OsinfoLoader> loader;
    OsinfoDb *db = nullptr; // the loader's
    mutable std::mutex mutex;
};

OsinfoDatabase::OsinfoDatabase(std::unique_ptr<Private> d)
    : m_d(std::move(d))
{}

OsinfoDatabase::~OsinfoDatabase() = default;

std::unique_ptr<OsinfoDatabase> OsinfoDatabase::load(const QString &directory, QString &problem)
{
    auto d = std::make_unique<Private>();
    d->loader.reset(osinfo_loader_new());
    GlibError error;
    if (directory.isEmpty()) {
        osinfo_loader_process_default_path(d->loader.get(), error.out());
    } else {
        osinfo_loader_process_path(d->loader.get(), QFile::encodeName(directory).constData(), error.out());
    }
    // One broken file of the user's own ends the reading, but what was read before it is still good.
    problem = error.text();
    d->db = osinfo_loader_get_db(d->loader.get());
    if (!d->db) {
        return nullptr;
    }
    return std::unique_ptr<OsinfoDatabase>(new OsinfoDatabase(std::move(d)));
}

QList<Os> OsinfoDatabase::systems() const
{
    const std::lock_guard lock(m_d->mutex);
    QList<Os> result;
    const Owned<OsinfoOsList> list(osinfo_db_get_os_list(m_d->db));
    forEach<OsinfoOs>(list.get(), [&result](OsinfoOs *os) { result << readOs(os); });
    return result;
}

QList<KnownTree> OsinfoDatabase::trees() const
{
    const std::lock_guard lock(m_d->mutex);
    QList<KnownTree> result;
    const Owned<OsinfoOsList> list(osinfo_db_get_os_list(m_d->db));
    forEach<OsinfoOs>(list.get(), [&result](OsinfoOs *os) {
        const QString shortId = text(osinfo_product_get_short_id(asProduct(os)));
        const Owned<OsinfoTreeList> treeList(osinfo_os_get_tree_list(os));
        forEach<OsinfoTree>(treeList.get(), [&](OsinfoTree *tree) {
            result.append({shortId, variantName(osinfo_tree_get_os_variants(tree)),
                text(osinfo_tree_get_architecture(tree)), withoutLastSlash(text(osinfo_tree_get_url(tree))),
                text(osinfo_tree_get_kernel_path(tree)), text(osinfo_tree_get_initrd_path(tree))});
        });
    });
    return result;
}

Result<std::optional<Detected>> OsinfoDatabase::identifyMedia(const QString &path, std::stop_token stop) const
{
    gchar *uri = g_filename_to_uri(QFile::encodeName(path).constData(), nullptr, nullptr);
    if (!uri) {
        return fail(Error::invalid(OsinfoText::tr("“%1” is not a path of this computer.").arg(path)));
    }
    const QByteArray location(uri);
    g_free(uri);

    const PrivateContext context;
    const Owned<GCancellable> cancellable(g_cancellable_new());
    GlibError error;
    Owned<OsinfoMedia> media;
    {
        const std::stop_callback cancel(stop, [&cancellable] { g_cancellable_cancel(cancellable.get()); });
        media.reset(
            osinfo_media_create_from_location_with_flags(location.constData(), cancellable.get(), 0, error.out()));
    }
    if (stop.stop_requested() || error.is(G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        return fail(Error::cancelled());
    }
    if (!media) {
        if (error.domain() == OSINFO_MEDIA_ERROR || error.is(G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)) {
            return std::optional<Detected>(); // not a medium
        }
        return fail(Error::failed(OsinfoText::tr("Can't read “%1”: %2").arg(path, error.text())));
    }
    const std::lock_guard lock(m_d->mutex);
    if (!osinfo_db_identify_media(m_d->db, media.get())) {
        return std::optional<Detected>();
    }
    Detected detected;
    const Owned<OsinfoOs> os(osinfo_media_get_os(media.get()));
    detected.osShortId = os ? text(osinfo_product_get_short_id(asProduct(os.get()))) : QString();
    detected.variant = variantName(osinfo_media_get_os_variants(media.get()));
    detected.arch = text(osinfo_media_get_architecture(media.get()));
    detected.kernel = text(osinfo_media_get_kernel_path(media.get()));
    detected.initrd = text(osinfo_media_get_initrd_path(media.get()));
    detected.volumeId = text(osinfo_media_get_volume_id(media.get()));
    detected.live = osinfo_media_get_live(media.get()) != FALSE;
    detected.installer = osinfo_media_get_installer(media.get()) != FALSE;
    detected.installerReboots = std::max(0, osinfo_media_get_installer_reboots(media.get()));
    detected.ejectAfterInstall = osinfo_media_get_eject_after_install(media.get()) != FALSE;
    return std::optional<Detected>(detected);
}

std::optional<Detected> OsinfoDatabase::identifyTree(const QByteArray &treeInfo, const QString &location) const
{
    GlibError error;
    const Owned<OsinfoTree> tree(
        osinfo_tree_create_from_treeinfo(treeInfo.constData(), location.toUtf8().constData(), error.out()));
    if (!tree) {
        return {};
    }
    const std::lock_guard lock(m_d->mutex);
    if (!osinfo_db_identify_tree(m_d->db, tree.get())) {
        return {};
    }
    Detected detected;
    const Owned<OsinfoOs> os(osinfo_tree_get_os(tree.get()));
    detected.osShortId = os ? text(osinfo_product_get_short_id(asProduct(os.get()))) : QString();
    detected.variant = variantName(osinfo_tree_get_os_variants(tree.get()));
    detected.arch = text(osinfo_tree_get_architecture(tree.get()));
    detected.kernel = text(osinfo_tree_get_kernel_path(tree.get()));
    detected.initrd = text(osinfo_tree_get_initrd_path(tree.get()));
    return detected;
}

} // namespace vireo::os
