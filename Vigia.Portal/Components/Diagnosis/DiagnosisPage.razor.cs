using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Diagnosis;

/// <summary>
/// Explains why a host, a header or a token does or does not reach a tenant's database. The pasted text is kept
/// nowhere: there is no draft, the address of the page has no values, and the answer clears the token's field.
/// </summary>
public sealed partial class DiagnosisPage(StaffSession session, TenantDiagnosis diagnosis, PageNotices notices)
    : FormComponent(notices)
{
    private string _host = "";
    private string _tenant = "";
    private string _token = "";
    private DiagnosisResult? _result;
    private DiagnosisRequest? _asked;
    private Actor? _actor;

    protected override string Subject => T["Title"];

    protected override async Task OnInitializedAsync() => _actor = await session.ActorAsync();

    // The token that was sent has left the page, so any other one was pasted since.
    private bool HasChanged => (_host, _tenant) != (_asked?.Host, _asked?.Tenant) || _token.Length > 0;

    // The other one runs in another window of the same person.
    protected override string? FieldOf(RuleException refusal) => refusal is AlreadyRunningException ? "tenant" : null;

    private Task DiagnoseAsync() => SubmitAsync(async () =>
    {
        _result = null;
        var asked = new DiagnosisRequest(_host, _tenant, _token);
        _result = await diagnosis.DiagnoseAsync(_actor!, asked, Ending);
        _asked = asked with { Token = null };

        // Another one may have been pasted meanwhile.
        _token = _token == asked.Token ? "" : _token;
    });
}
