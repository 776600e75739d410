using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>The person's own authenticator and recovery codes.</summary>
public sealed partial class SecondFactorSection(OwnSecondFactor secondFactor, PageDialogs dialogs, PageNotices notices)
{
    private const int Few = 3;
    private readonly LatestRead _reading = new();
    private SecondFactorState? _state;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => ReadAsync();

    private Task ReadAsync() =>
        ReadAsync(_reading, until => secondFactor.ReadAsync(Actor, until), state => _state = state);

    private async Task EnableAsync()
    {
        await dialogs.AskAsync<AuthenticatorDialog, object>(
            new DialogParameters<AuthenticatorDialog> { { d => d.Actor, Actor }, { d => d.Moves, _state!.IsOn } });
        await ReadAsync();
    }

    private async Task NewCodesAsync()
    {
        IReadOnlyList<string>? codes = null;
        await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["CodesNew"],
            Effect = T["CodesNewEffect"],
            Action = T["CodesNew"],
            What = new SignedAction(SignedAction.RecoveryCodesNew, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Run = async (proof, cancellationToken) =>
                codes = await secondFactor.NewCodesAsync(Actor, proof, cancellationToken),
        });
        if (codes is not null)
        {
            await dialogs.AskAsync<CodesDialog, object>(new DialogParameters<CodesDialog> { { d => d.Codes, codes } });
        }

        await ReadAsync();
    }

    private async Task DisableAsync()
    {
        var done = await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["SecondFactorOff"],
            Effect = T["SecondFactorOffEffect"],
            Action = T["SecondFactorOff"],
            What = new SignedAction(SignedAction.SecondFactorOff, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Destructive = true,
            Run = (proof, cancellationToken) => secondFactor.DisableAsync(Actor, proof, cancellationToken),
        });
        if (done)
        {
            notices.Say(T["SecondFactorOffDone"]);
        }

        await ReadAsync();
    }
}
