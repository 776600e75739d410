using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>A client's configuration as JSON: checked as one leaves the field, never lost on an error.</summary>
public sealed partial class TenantConfig
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private TenantDetails _seen = new();
    private string _text = "";
    private string? _error;
    private bool _busy;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private TenantServicesOfPage Tenants { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private string DraftName => $"config-{Tenant.Id}";

    private bool MayEdit => Actor.May(Rights.TenantsUpdate) && Tenant.Row.State != TenantState.Deleting;

    protected override async Task OnInitializedAsync()
    {
        Start();
        if (MayEdit && await Page.JS.InvokeAsync<Dictionary<string, string>?>("vigia.draft", Ending, DraftName) is { } draft && draft.TryGetValue("config", out var typed))
        {
            _text = typed;
            Check();
        }
    }

    private static string Pretty(string? json)
    {
        using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);
        return JsonSerializer.Serialize(document.RootElement, Readable);
    }

    private void Start()
    {
        _seen = TenantDetails.Of(Tenant.Row);
        _text = Pretty(_seen.Config);
        _error = null;
    }

    private void Check() => _error = TenantRules.Config(_text)?.Render();

    private void Format()
    {
        Check();
        _text = _error is null ? Pretty(_text) : _text;
    }

    private async Task DiscardAsync()
    {
        Start();
        await Page.JS.InvokeVoidAsync("vigia.forgetDraft", Ending, DraftName);
    }

    private async Task SaveAsync()
    {
        Check();
        if (_error is not null || _busy)
        {
            return;
        }

        _busy = true;
        try
        {
            var changed = await Tenants.Editing.UpdateAsync(Actor, Tenant.Id, _seen, _seen with { Config = _text }, Ending);
            _seen = _seen with { Config = _text };
            await Page.JS.InvokeVoidAsync("vigia.forgetDraft", Ending, DraftName);
            Page.Say(changed.Count == 0 ? T["NothingChanged"] : T["Saved", Message.FieldNames(["config"])]);
        }
        catch (InvalidInputException invalid)
        {
            _error = invalid.Errors.Values.First()[0].Render();
        }
        catch (ChangedMeanwhileException changed)
        {
            // The person sees what is there now; saving again is then a decision.
            _seen = _seen with { Config = changed.Fields["config"] as string };
            _error = $"{changed.Reason.Render()} {T["ChangedBy"]} {T["PresentValue", changed.Fields["config"] ?? "{}"]}";
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
        finally
        {
            _busy = false;
        }
    }
}
