// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QPoint>

#include "ui/messagebar.h"
#include "ui/xmlcommands.h"
#include "ui/xmlcompleter.h"
#include "ui/xmleditor.h"
#include "ui/xmlfindbar.h"
#include "ui/xmlfolding.h"
#include "ui/xmlhighlighter.h"
#include "ui/xmlproblembar.h"
#include "ui/xmlservice.h"
#include "ui/xmltextedit.h"
#include "ui/xmltextforms.h"
#include "ui/xmltyping.h"

namespace vireo::ui {

/** What an editor is made of; for its own sources. All are children of the editor. */
struct XmlEditor::Parts {
    explicit Parts(XmlEditor *owner)
        : text(new XmlTextEdit(owner))
        , message(new MessageBar(owner))
        , find(new XmlFindBar(text, owner))
        , problems(new XmlProblemBar(owner))
        , service(new XmlService(owner))
        , typing(new XmlTyping(text, owner))
        , completer(new XmlCompleter(text, service, owner))
        , commands(new XmlCommands(owner))
    {}
    XmlTextEdit *text;
    MessageBar *message;
    XmlFindBar *find;
    XmlProblemBar *problems;
    XmlService *service;
    XmlTyping *typing;
    XmlCompleter *completer;
    XmlCommands *commands;
    std::optional<QPoint> hoverAt; ///< global; the tool tip that is wanted there
    // Of the text before the one that is being loaded:
    int cursor = 0;
    int vertical = 0;
    int horizontal = 0;
};

} // namespace vireo::ui
