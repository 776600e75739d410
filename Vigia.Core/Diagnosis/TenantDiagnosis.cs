using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Core.Diagnosis;

/// <summary>
/// Finds the tenant of a request, and explains why it does or does not reach a database. The answer comes from
/// <see cref="TenantFinder"/>, so a request can't get another one. The token is checked and forgotten.
/// </summary>
// More than five dependencies: it combines the findings of the finder, the token, the master and the database.
public sealed class TenantDiagnosis(
    IDbContextFactory<MasterContext> contexts, TenantFinder finder, DiagnosisVotes votes, DiagnosisFacts facts,
    TenantTokens tokens, OneAtATime heavy, VigiaSettings settings, TimeProvider time)
{
    private const int Errors = 3;
    private const int Unauthorized = 401;

    private static readonly OperationState[] InTrouble = [OperationState.Failed, OperationState.Waiting];

    /// <summary>
    /// Diagnoses a request. It opens one session with the tenant's own role, for at most <see
    /// cref="DiagnosisFacts.LongestTry"/>, on the same way as requests, and changes nothing. A lost marker is recorded,
    /// as by a request.
    /// </summary>
    /// <exception cref="ForbiddenException">
    /// The person lacks the right, or may see chosen tenants only: a diagnosis can reveal any tenant.
    /// </exception>
    /// <exception cref="AlreadyRunningException"><c>diagnosis_running</c>.</exception>
    /// <exception cref="InvalidInputException"><c>host</c>, <c>tenant</c>, <c>token</c>.</exception>
    public async Task<DiagnosisResult> DiagnoseAsync(
        Actor actor, DiagnosisRequest request, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsDiagnose);
        if (actor.TenantScope is not null)
        {
            throw new ForbiddenException(Rights.TenantsDiagnose);
        }

        var now = time.GetUtcNow();
        var (host, header, text) = PastedText.Read(request);
        using var turn = heavy.Begin(actor.Id, HeavyCall.Diagnosis);
        var token = text is null ? null : await PastedToken.ReadAsync(text, tokens, settings, now);
        var clues = new TenantClues(header, token?.Tenant, host);
        var resolution = await finder.ResolveAsync(clues, cancellationToken);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = votes.Found(clues).Select(entry => entry.Id).ToList();
        var tenants = await db.Set<Tenant>().AsNoTracking().Where(t => found.Contains(t.Id))
            .Select(t => new DiagnosedTenant(t.Id, t.LegalName, t.Subdomain, t.DatabaseName))
            .ToListAsync(cancellationToken);
        var known = resolution.Entry is { } entry
            ? await facts.ReadAsync(db, entry, cancellationToken) : [];
        return new DiagnosisResult
        {
            Votes = votes.Of(
                clues, token, tenants.ToDictionary(t => t.Id!.Value, t => t.LegalName ?? t.Subdomain ?? $"#{t.Id}")),
            Verdict = Evaluate(resolution, token, known),
            Tenant = resolution.Entry is { IsLegacy: true } only
                ? new DiagnosedTenant(null, null, only.Subdomain, only.DatabaseName)
                : tenants.Find(t => t.Id == resolution.Entry?.Id),
            Facts = known,
            Errors = resolution.Entry is { } named ? await ErrorsAsync(db, named.Id, cancellationToken) : [],
            At = now,
            TraceId = (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString(),
        };
    }

    // A token is refused before its tenant is looked up. The answer to an old token of a renamed tenant says so.
    private static DiagnosisVerdict Evaluate(
        TenantResolution resolution, PastedToken? token, IReadOnlyList<DiagnosisFact> facts)
    {
        if (token?.Problem is not null)
        {
            return Verdict(DiagnosisVerdict.Unauthorized, Unauthorized);
        }

        if (resolution.IsRefused)
        {
            return Verdict(TenantRefusals.CodeOf(resolution.Refusal)!, TenantRefusals.StatusOf(resolution.Refusal));
        }

        if (token?.IssuedAt < resolution.Entry!.TokensValidAfter)
        {
            return new(DiagnosisVerdict.Unauthorized, Unauthorized, new Message(
                "diag_verdict_token_too_old", LimaTime.Argument(resolution.Entry.TokensValidAfter!.Value)));
        }

        // The catalogue may not have the result of the attempt yet.
        return facts.FirstOrDefault(
            fact => fact is { Code: "database" or DiagnosisFacts.Missing, IsWell: false }) is { } database
            ? Refusal(database.Refusal)
            : Verdict(DiagnosisVerdict.Reached, TenantRefusals.StatusOf(TenantRefusal.None));
    }

    private static DiagnosisVerdict Refusal(TenantRefusal refusal) =>
        Verdict(TenantRefusals.CodeOf(refusal)!, TenantRefusals.StatusOf(refusal));

    private static DiagnosisVerdict Verdict(string code, int status) =>
        new(code, status, new Message($"diag_verdict_{code}"));

    private static Task<List<DiagnosisError>> ErrorsAsync(
        MasterContext db, int tenantId, CancellationToken cancellationToken) =>
        db.Set<Operation>().AsNoTracking()
            .Where(o => o.TenantId == tenantId && InTrouble.Contains(o.State) && o.Error != null)
            .OrderByDescending(o => o.CreatedAt).Take(Errors)
            .Select(o => new DiagnosisError(o.Id, o.Kind, o.FinishedAt ?? o.CreatedAt, o.Error!, o.TraceId))
            .ToListAsync(cancellationToken);
}
