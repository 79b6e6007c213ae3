// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/compare.h"

#include <QCoreApplication>

namespace vireo::job {

namespace {

struct CompareText {
    Q_DECLARE_TR_FUNCTIONS(JobCompare)
};

} // namespace

QList<StepComparison> compare(
    const JobRecord &job, const StepRegistry &registry, const virt::ConnectionProvider &provider)
{
    QJsonObject results = job.results;
    StepContext context(
        job.plan, provider, {}, results, [](quint64, quint64) {}, [](const QString &) {},
        [](const QString &, const QJsonValue &) -> Result<> {
            return fail(Error::invalid(CompareText::tr("A look must not change anything.")));
        });
    QList<StepComparison> comparisons;
    for (int i = 0; i < job.plan.steps.size(); ++i) {
        const Step &step = job.plan.steps.at(i);
        StepComparison comparison;
        comparison.journal = job.steps.value(i).state;
        const StepRegistry::Kind *kind = registry.find(step.type);
        if (!kind || !kind->look) {
            comparison.reality.text = CompareText::tr("The host can't be asked about this step.");
        } else if (const auto reality = kind->look(step, context)) {
            comparison.reality = *reality;
        } else {
            comparison.reality.text = reality.error().message;
        }
        comparisons.append(comparison);
    }
    return comparisons;
}

} // namespace vireo::job
