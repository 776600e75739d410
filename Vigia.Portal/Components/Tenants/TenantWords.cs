using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>Texts about tenants.</summary>
internal static class TenantWords
{
    /// <summary>
    /// "Suspendido desde el 3/11/2026 10:32 por Ana Torres: Falta de pago". Null for an active tenant.
    /// </summary>
    /// <param name="by">The person who made it inactive; null when it is not known.</param>
    public static string? Inactivity(Tenant tenant, string? by, IStringLocalizer<TenantText> t)
    {
        if (tenant.InactiveKind is not { } kind || tenant.InactiveSince is not { } since)
        {
            return null;
        }

        var reason = tenant.InactiveReasonCode is { } code && code != "otro" ? Word("Reason_", code, t) : null;
        var words = string.Join(
            ". ", new[] { reason, tenant.InactiveReason }.Where(part => !string.IsNullOrEmpty(part)));
        var key = kind switch
        {
            InactiveKind.Withdrawn => "WithdrawnSince",
            InactiveKind.Expired => "ExpiredSince",
            _ => "InactiveSince"
        };
        return by is null || kind == InactiveKind.Expired ? t[key, LimaTime.Date(since), words]
            : t[key + "By", LimaTime.Exact(since), words, by];
    }

    /// <summary>An <c>entorno</c> in words; of one that another program wrote, its code.</summary>
    public static string Environment(string code, IStringLocalizer<TenantText> t) => Word("Env_", code, t);

    public static IReadOnlyList<(string Code, string Text)> Reasons(IStringLocalizer<TenantText> t) =>
        [.. TenantRules.ReasonCodes.Select(code => (code, t[$"Reason_{code}"].Value))];

    public static ConfirmRequest AskSuspension(Actor actor, TenantView tenant, IStringLocalizer<TenantText> t) =>
        WithReason(
            tenant, new ConfirmRequest(t["SuspendTitle", tenant.DisplayName], t["SuspendEffect"], t["SuspendAction"]),
            DraftName.Of(actor, "suspend", tenant.Id), t);

    public static ConfirmRequest AskWithdrawal(Actor actor, TenantView tenant, IStringLocalizer<TenantText> t) =>
        WithReason(
            tenant,
            new ConfirmRequest(t["WithdrawTitle", tenant.DisplayName], t["WithdrawEffect"], t["WithdrawAction"]),
            DraftName.Of(actor, "withdraw", tenant.Id), t);

    /// <summary>
    /// "5 usuarios · 1 establecimiento · 500 comprobantes al mes", or a text that says there is no limit.
    /// </summary>
    public static string Limits(
        long? users, long? establishments, bool limitIssuance, long? documents, IStringLocalizer<TenantText> t) =>
        Limits(users, establishments, limitIssuance ? documents : null, "", t);

    private static string Limits(
        long? users, long? establishments, long? documents, string form, IStringLocalizer<TenantText> t)
    {
        string?[] parts =
        [
            users is { } u ? t["UsersN", Number(u)].Value : null,
            establishments is { } e ? t["EstablishmentsN" + form, Number(e)].Value : null,
            documents is { } d ? t["DocumentsN" + form, Number(d)].Value : null,
        ];
        return parts.Any(part => part is not null) ? string.Join(" · ", parts.Where(part => part is not null))
            : t["NoLimits"];
    }

    public static string Limits(Tenant row, IStringLocalizer<TenantText> t) =>
        Limits(row.MaxUsers, row.MaxEstablishments, row.LimitIssuance, row.MaxDocuments, t);

    /// <summary>The same for a column of a list: "5 usuarios · 1 estab. · 500 compr./mes".</summary>
    public static string LimitsInBrief(Tenant row, IStringLocalizer<TenantText> t) => Limits(
        row.MaxUsers, row.MaxEstablishments, row.LimitIssuance ? row.MaxDocuments : null, "Brief", t);

    public static string Limits(Plan plan, IStringLocalizer<TenantText> t) =>
        Limits(plan.MaxUsers, plan.MaxEstablishments, plan.LimitIssuance, plan.MaxDocuments, t);

    /// <summary>A limit as a number, or a text that says there is none.</summary>
    public static string Limit(long? limit, IStringLocalizer<TenantText> t) =>
        limit is { } number ? Number(number) : t["NoLimit"].Value;

    // A row may hold a code that another build or program wrote.
    private static string Word(string prefix, string code, IStringLocalizer<TenantText> t) =>
        t[prefix + code] is { ResourceNotFound: false } word ? word.Value : code;

    private static ConfirmRequest WithReason(
        TenantView tenant, ConfirmRequest question, DraftName draft, IStringLocalizer<TenantText> t) => question with
        {
            Subject = tenant.DisplayName,
            Destructive = true,
            Reasons = Reasons(t),
            AsksText = true,
            CodeThatNeedsText = "otro",
            Draft = draft,
        };

    private static string Number(long value) => value.ToString("N0", CultureInfo.CurrentCulture);
}
