using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// Finds tenants by text: each word must occur in the RUC, legal name, sub-domain or e-mail address. Case and accents
/// are ignored.
/// </summary>
internal static class TenantTextSearch
{
    /// <summary>Filters tenants of the registry. Returns all when there is no text.</summary>
    public static IQueryable<Tenant> Match(MasterContext db, IQueryable<Tenant> tenants, string? text)
    {
        var patterns = Patterns(text).ToList();
        if (patterns.Count == 0)
        {
            return tenants;
        }

        var texts = patterns.Aggregate(
            db.Set<TenantSearchText>().AsQueryable(),
            (all, pattern) => all.Where(s => EF.Functions.Like(s.Folded, pattern, "\\")));
        return tenants.Where(t => texts.Any(s => s.Id == t.Id));
    }

    /// <summary>Filters tenants in the trash. Returns all when there is no text.</summary>
    public static IQueryable<TrashedTenant> Match(IQueryable<TrashedTenant> trash, string? text) =>
        Patterns(text).Aggregate(
        trash, (all, pattern) =>
            all.Where(t => EF.Functions.Like(
            MasterContext.SearchText(t.Ruc, t.LegalName, t.Subdomain, null), pattern, "\\")));

    private static IEnumerable<string> Patterns(string? text) =>
        from word in SafeText.Fold(text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(10)
        select "%" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal) + "%";
}
