using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Isolation;

/// <summary>
/// The openings that the proof of an operation found, with the databases and the statements that close them. Only
/// people who may see the names of databases get this list.
/// </summary>
public sealed partial class ProofFindings(IsolationService isolation, StaffSession session)
{
    private IsolationProof? _proof;

    [Parameter, EditorRequired]
    public Guid OperationId { get; set; }

    protected override async Task OnInitializedAsync() =>
        _proof = await FetchAsync(async until =>
            await isolation.OfOperationAsync(await session.ActorAsync(), OperationId, until));
}
