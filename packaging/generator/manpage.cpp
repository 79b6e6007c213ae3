// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "packaging/generator/manpage.h"

#include "app/commandlinetable.h"

using namespace Qt::StringLiterals;

namespace vireo::packaging {

using namespace app;

namespace {

/** Text as roff takes it: hyphens that can be copied, no line that begins like a request. */
QString roff(QString text)
{
    text.replace(u'\\', u"\\(rs"_s).replace(u'-', u"\\-"_s);
    if (text.startsWith(u'.') || text.startsWith(u'\'')) {
        text.prepend(u"\\&"_s);
    }
    return text;
}

QString section(const QString &title)
{
    return u".SH "_s + title + u'\n';
}

QString paragraph(const QString &text)
{
    return u".PP\n"_s + roff(text) + u'\n';
}

/** One entry: what is typed in bold, what it stands for in italics, the explanation. */
QString entry(const QString &typed, const QString &value, const QString &text)
{
    QString head = u"\\fB"_s + roff(typed) + u"\\fR"_s;
    if (!value.isEmpty()) {
        head += u" \\fI"_s + roff(value) + u"\\fR"_s;
    }
    return u".TP\n"_s + head + u'\n' + roff(text) + u'\n';
}

} // namespace

QString manPage(const QString &version)
{
    QString page = u".\\\" Made from the table of options in app/commandlinetable.cpp.\n"
                   ".TH VIREO 1 \"\" \"Vireo "_s
        + version + u"\" \"User Commands\"\n"_s;
    page += section(u"NAME"_s) + u"vireo \\- run virtual machines on one or many libvirt hosts\n"_s;
    page += section(u"SYNOPSIS"_s) + u".B vireo\n[\\fIOPTIONS\\fR] [\\fIDOMAIN.xml\\fR]\n"_s;
    for (const VerbWord &verb : commandLineVerbs()) {
        page += u".br\n.B vireo "_s + verb.word + u'\n';
        page += (verb.operand.isEmpty() ? QString() : u"\\fI"_s + roff(verb.operand) + u"\\fR "_s)
            + u"[\\fIOPTIONS\\fR]\n"_s;
    }
    page += section(u"DESCRIPTION"_s)
        + paragraph(u"Vireo shows all virtual machines of one or many libvirt hosts in one window, live, and does what "
                    "you ask as jobs with progress, a working Cancel and an undo. A second start hands its request to "
                    "the Vireo that runs already."_s)
        + paragraph(u"With DOMAIN.xml, a domain's definition, the wizard for a new virtual machine opens with it."_s)
        + paragraph(u"The commands below work without a window, a display or D-Bus. A draft is a JSON document that "
                    "says what is to be done; the wizards' last pages can copy theirs."_s);
    page += section(u"COMMANDS"_s);
    for (const VerbWord &verb : commandLineVerbs()) {
        page += entry(verb.word, verb.operand, verb.description);
    }
    page += section(u"OPTIONS"_s);
    for (const Option &option : commandLineOptions()) {
        page += entry(typedNames(option), option.value, option.description);
    }
    page += section(u"EXIT STATUS"_s) + entry(u"0"_s, {}, u"Done."_s)
        + entry(u"1"_s, {},
            u"Refused by a blocker, or by a warning without --yes; or failed and undone; or the command line is "
            "wrong."_s)
        + entry(u"2"_s, {}, u"The draft is invalid; each error is printed with its JSON path."_s)
        + entry(u"3"_s, {}, u"Failed and could not be fully undone; what remains is printed."_s)
        + entry(u"130"_s, {}, u"Cancelled by Ctrl+C and undone."_s);
    page += section(u"FILES"_s) + entry(u"~/.config/vireo/"_s, {}, u"Settings and templates ($XDG_CONFIG_HOME)."_s)
        + entry(u"~/.local/state/vireo/"_s, {},
            u"The journal of jobs, the history of definitions, pictures and schedules of snapshots "
            "($XDG_STATE_HOME)."_s)
        + entry(u"~/.cache/vireo/"_s, {}, u"What can be made again ($XDG_CACHE_HOME)."_s);
    page += section(u"ENVIRONMENT"_s)
        + entry(u"VIREO_SCHEMA_DIR"_s, {}, u"A folder with libvirt's schemas, looked at before the usual ones."_s)
        + entry(u"SSH_ASKPASS"_s, {}, u"The program by which ssh asks for a password or a passphrase."_s);
    page += section(u"SEE ALSO"_s) + u".BR virsh (1),\n.BR virt\\-manager (1),\n.BR qemu\\-img (1),\n.BR ssh (1)\n"_s;
    return page;
}

} // namespace vireo::packaging
