// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "packaging/generator/completion.h"

#include "app/commandlinetable.h"

using namespace Qt::StringLiterals;

namespace vireo::packaging {

using namespace app;

namespace {

using Verb = CommandLine::Verb;

constexpr auto origin = "# Made from the table of options in app/commandlinetable.cpp.\n";

/** In single quotes for a POSIX shell and zsh; with `fish`: as fish wants them. */
QString quoted(QString text, bool fish = false)
{
    if (fish) {
        text.replace(u'\\', u"\\\\"_s).replace(u'\'', u"\\'"_s);
    } else {
        text.replace(u'\'', u"'\\''"_s);
    }
    return u'\'' + text + u'\'';
}

QString dashed(const QString &name)
{
    return (name.size() == 1 ? u"-"_s : u"--"_s) + name;
}

/** The names of the options that a verb takes, as they are typed. */
QStringList namesFor(Verb verb)
{
    QStringList names;
    for (const Option &option : commandLineOptions()) {
        if (option.verbs.contains(verb)) {
            for (const QString &name : option.names) {
                names.append(dashed(name));
            }
        }
    }
    return names;
}

/** The names of options whose value is a file, or of those whose value is something else. */
QStringList namesWithValue(bool file)
{
    QStringList names;
    for (const Option &option : commandLineOptions()) {
        if (!option.value.isEmpty() && (option.kind == OptionKind::Screenshot) == file) {
            for (const QString &name : option.names) {
                names.append(dashed(name));
            }
        }
    }
    return names;
}

QStringList words()
{
    QStringList all;
    for (const VerbWord &verb : commandLineVerbs()) {
        all.append(verb.word);
    }
    return all;
}

/** zsh: one option as _arguments takes it. */
QString zshOption(const Option &option)
{
    QStringList names;
    for (const QString &name : option.names) {
        names.append(dashed(name));
    }
    QString text = option.description;
    text.replace(u'\\', u"\\\\"_s).replace(u'[', u"\\["_s).replace(u']', u"\\]"_s);
    QString rest = u'[' + text + u']';
    if (!option.value.isEmpty()) {
        rest += u':' + option.value + u':' + (option.kind == OptionKind::Screenshot ? u"_files"_s : u" "_s);
    }
    const bool often = option.kind == OptionKind::Connect;
    const QString head = often ? u"'*'"_s : quoted(u'(' + names.join(u' ') + u')');
    return head + (names.size() > 1 ? u'{' + names.join(u',') + u'}' : names.constFirst()) + quoted(rest);
}

QString zshOptions(Verb verb, const QString &indent)
{
    QString text;
    for (const Option &option : commandLineOptions()) {
        if (option.verbs.contains(verb)) {
            text += indent + zshOption(option) + u" \\\n"_s;
        }
    }
    return text;
}

} // namespace

QString bashCompletion()
{
    QString text = QLatin1StringView(origin)
        + u"_vireo()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} verb='' word options\n"
          "    COMPREPLY=()\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $word in "_s
        + words().join(u'|')
        + u") verb=$word && break ;; esac\n"
          "    done\n"
          "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
          "    "_s
        + namesWithValue(true).join(u'|')
        + u")\n"
          "        compopt -o filenames\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
          "        return ;;\n"
          "    "_s
        + namesWithValue(false).join(u'|') + u") return ;;\n    esac\n    case $verb in\n"_s;
    for (const VerbWord &verb : commandLineVerbs()) {
        text += u"    %1) options=\"%2\" ;;\n"_s.arg(verb.word, namesFor(verb.verb).join(u' '));
    }
    text += u"    *) options=\"%1 %2\" ;;\n"_s.arg(namesFor(Verb::Window).join(u' '), words().join(u' '));
    text += u"    esac\n"
            "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
            "    if [[ $cur != -* && ( -z $verb || $verb == run ) ]]; then\n"
            "        compopt -o filenames\n"
            "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$cur\")\n"
            "    fi\n"
            "}\n"
            "complete -F _vireo vireo\n"_s;
    return text;
}

QString zshCompletion()
{
    QString text = u"#compdef vireo\n"_s + QLatin1StringView(origin)
        + u"_vireo() {\n"
          "    local state line\n"
          "    typeset -A opt_args\n"
          "    local -a verbs=(\n"_s;
    for (const VerbWord &verb : commandLineVerbs()) {
        text += u"        "_s + quoted(verb.word + u':' + verb.description) + u'\n';
    }
    text += u"    )\n    _arguments -C \\\n"_s + zshOptions(Verb::Window, u"        "_s)
        + u"        '1: :->first' '*:: :->rest'\n"
          "    case $state in\n"
          "    first)\n"
          "        _describe -t commands command verbs\n"
          "        _files -g '*.xml' ;;\n"
          "    rest)\n"
          "        case $words[1] in\n"_s;
    for (const VerbWord &verb : commandLineVerbs()) {
        text += u"        "_s + verb.word + u")\n            _arguments \\\n"_s
            + zshOptions(verb.verb, u"                "_s) + u"                "_s;
        text += verb.operand.isEmpty()
            ? u"&& return"_s
            : quoted(u"1:"_s + verb.operand + u':' + (verb.verb == Verb::Run ? u"_files -g \"*.json\""_s : u" "_s));
        text += u" ;;\n"_s;
    }
    text += u"        esac ;;\n    esac\n}\n_vireo \"$@\"\n"_s;
    return text;
}

QString fishCompletion()
{
    QString text = QLatin1StringView(origin);
    for (const VerbWord &verb : commandLineVerbs()) {
        text += u"complete -c vireo -n __fish_use_subcommand -a %1 -d %2\n"_s.arg(
            verb.word, quoted(verb.description, true));
    }
    for (const Option &option : commandLineOptions()) {
        QStringList conditions;
        for (const VerbWord &verb : commandLineVerbs()) {
            if (option.verbs.contains(verb.verb)) {
                conditions.append(verb.word);
            }
        }
        const bool window = option.verbs.contains(Verb::Window);
        text += u"complete -c vireo"_s;
        if (!window) {
            text += u" -n "_s + quoted(u"__fish_seen_subcommand_from "_s + conditions.join(u' '), true);
        } else if (conditions.isEmpty()) {
            text += u" -n __fish_use_subcommand"_s;
        }
        for (const QString &name : option.names) {
            text += (name.size() == 1 ? u" -s "_s : u" -l "_s) + name;
        }
        if (!option.value.isEmpty()) {
            text += option.kind == OptionKind::Screenshot ? u" -r"_s : u" -x"_s;
        }
        text += u" -d "_s + quoted(option.description, true) + u'\n';
    }
    text += u"complete -c vireo -n '__fish_seen_subcommand_from jobs recover' -f\n"_s;
    return text;
}

} // namespace vireo::packaging
