using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>One operation, live. A person who opens it late or reconnects sees the same.</summary>
public sealed partial class OperationPanel(
    PageFeed feed, OperationService operations, StaffSession session) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private Operation? _operation;
    private bool _mayDecide;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    /// <summary>The next thing to do after an operation that succeeded. Null for none.</summary>
    [Parameter]
    public RenderFragment<Operation>? Next { get; set; }

    private string Over
    {
        get
        {
            var (operation, kind) = (_operation!, OperationWords.Kind(_operation!, T));
            if (operation.State == OperationState.Cancelled)
            {
                return $"{kind}: {Shared[StateLook.Operation(operation.State).TextKey]}";
            }

            var span = OperationWords.Duration(operation, operation.FinishedAt ?? operation.CreatedAt);
            var took = TimeWords.Duration(span ?? TimeSpan.Zero, Shared);
            return T[$"DoneIn_{operation.Kind}", kind, took] is { ResourceNotFound: false } own ? own
                : T["DoneIn", kind, took];
        }
    }

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Operations, Id, ReadAsync);

    private Task ReadAsync() => ReadAsync(
        _reading, Id,
        async (id, until) =>
        {
            var actor = await session.ActorAsync();
            var operation = await operations.GetAsync(actor, id, until);

            // Nobody decides on what they asked for.
            var mayDecide = actor.May(Rights.ApprovalsDecide) && operation.RequestedBy != actor.StaffId;
            return (Operation: operation, MayDecide: mayDecide);
        },
        found => (_operation, _mayDecide) = (found.Operation, found.MayDecide));
}
