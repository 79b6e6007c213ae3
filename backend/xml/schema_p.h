// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "backend/xml/rng/matcher.h"
#include "backend/xml/schema.h"

namespace vireo::xml {

/** What a Schema is made of. Everything but the idle matchers is immutable. */
struct Schema::Private {
    DocumentKind kind = DocumentKind::Domain;
    rng::Grammar grammar;
    std::mutex mutex;
    std::vector<std::unique_ptr<rng::Matcher>> idle;

    /** A matcher for one call: one that remembers earlier documents, where there is one. */
    class Lease final
    {
        Q_DISABLE_COPY_MOVE(Lease)

    public:
        explicit Lease(Private &owner);
        ~Lease();
        rng::Matcher &operator*() const { return *m_matcher; }

    private:
        Private &m_owner;
        std::unique_ptr<rng::Matcher> m_matcher;
    };
};

} // namespace vireo::xml
