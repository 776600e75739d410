using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>A service account with its tokens. Without callbacks it only shows one that has ended.</summary>
public sealed partial class ServiceAccountCard(TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    [Parameter, EditorRequired]
    public ServiceAccountView Account { get; set; } = default!;

    [Parameter]
    public EventCallback OnChange { get; set; }

    [Parameter]
    public EventCallback OnToken { get; set; }

    [Parameter]
    public EventCallback OnEnd { get; set; }

    [Parameter]
    public EventCallback<ServiceTokenView> OnRevoke { get; set; }

    private DateTimeOffset Now => time.GetUtcNow();

    private string TitleId => $"account-{Account.Id:N}";

    private bool EndsSoon => Account.EndsAt - Now < Soon;

    private string StateKey => Account.StateAt(Now) is var state && state == ServiceAccountState.Works && EndsSoon
        ? "State_EndsSoon" : $"State_{state}";

    private StateLook Look => Account.StateAt(Now) switch
    {
        ServiceAccountState.Works when EndsSoon => new(Tone.Warning, Icons.Material.Outlined.Schedule, ""),
        ServiceAccountState.Works => new(Tone.Good, Icons.Material.Outlined.CheckCircle, ""),
        ServiceAccountState.Ended => new(Tone.Quiet, Icons.Material.Outlined.Block, ""),
        _ => new(Tone.Warning, Icons.Material.Outlined.EventBusy, ""),
    };

    private string OwnerText(ServiceOwner owner) =>
        owner.HasLeft ? T["OwnerLeft", owner.FullName] : owner.FullName;

    private string StateOf(ServiceTokenView token) =>
        token.RevokedAt is not null ? "TokenRevoked" : token.WorksAt(Now) ? "TokenWorks" : "TokenEnded";

    private StateLook LookOf(ServiceTokenView token) => token.WorksAt(Now)
        ? new(Tone.Good, Icons.Material.Outlined.CheckCircle, "") : new(Tone.Quiet, Icons.Material.Outlined.Block, "");
}
