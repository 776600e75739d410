using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tokens;

/// <summary>Creates an API token. Closes with it.</summary>
public sealed partial class TokenDialog(
    PageNotices notices, BrowserCalls browser, TimeProvider time, ApiTokens tokens) : DatedFormDialog(notices, browser)
{
    private const string EndsOnId = "token-ends";
    private TokenForm _form = default!;
    private ElementReference _first;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override string Subject => Actor.Name;

    protected override string? UnreadableDay => _form.EndsOn.IsUnreadable ? EndsOnId : null;

    protected override void ShowErrors(InvalidInputException? invalid) => _form.Show(invalid);

    private SignedAction What => ApiTokens.SignatureOf(Actor.StaffId!.Value, _form.ToToken());

    protected override void OnInitialized() => _form = new TokenForm(Actor, time.GetUtcNow());

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _first.FocusAsync();
        }
    }

    private async Task CreateAsync()
    {
        await SubmitAsync(async () =>
        {
            var wanted = _form.ToToken();
            var issued = await tokens.CreateAsync(Actor, wanted, Proof, CancellationToken.None);
            Dialog.Close(DialogResult.Ok(new ShownToken(wanted, issued)));
        });
    }
}
