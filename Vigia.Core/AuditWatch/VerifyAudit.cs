using System.Globalization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.AuditWatch;

/// <summary>
/// Recurring job that verifies the whole trail, also against the exported heads, and sends the signed head out of the
/// database. Findings are stored, recorded and mailed, and they make the operation fail.
/// </summary>
internal sealed class VerifyAudit(AuditVerifier verifier, AuditChecks checks, AuditHeadExport export)
    : OperationDefinition
{
    public static readonly OperationKind KindName = new("verify_audit");

    public override OperationKind Kind => KindName;

    public override string Right => Rights.OperationsControl;

    public override bool MayEndUnrecorded => true;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("verify_and_export", RunAsync) { KeepsEffects = true }];

    public override bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running;

    private async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var verdict = await verifier.WalkAsync(null, null, cancellationToken);
        await checks.StoreAsync(
            verdict, context.OperationId, (db, entries) => context.CommitAsync(db, entries, cancellationToken),
            cancellationToken);

        // The head is exported even when an old record does not hold. A head that the portal did not sign is never
        // exported.
        await export.ExportAsync(cancellationToken);
        if (!verdict.Holds)
        {
            // The reason is stored as a message of its own, so that it is read in the reader's language.
            throw new RuleException(
                new Message("audit_not_held", Number(verdict.Broken), Number(verdict.FirstBroken ?? 0))
                {
                    Parts = [verdict.Why!],
                });
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
