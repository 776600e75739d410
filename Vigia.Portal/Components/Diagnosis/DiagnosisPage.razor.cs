using Vigia.Core.Diagnosis;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Components.Diagnosis;

/// <summary>
/// Explains why a host, a header or a token does or does not reach a tenant's database. The pasted text is kept
/// nowhere: there is no draft, the address of the page has no values, and the answer clears the token's field.
/// </summary>
public sealed partial class DiagnosisPage(StaffSession session, TenantDiagnosis diagnosis)
{
    private string _host = "";
    private string _tenant = "";
    private string _token = "";
    private Dictionary<string, string> _errors = [];
    private DiagnosisResult? _result;
    private DiagnosisRequest? _asked;
    private Actor? _actor;
    private bool _busy;

    protected override bool ShowsAway => true;

    protected override async Task OnInitializedAsync() => _actor = await session.ActorAsync();

    // The token that was sent has left the page, so any other one was pasted since.
    private bool HasChanged => (_host, _tenant) != (_asked?.Host, _asked?.Tenant) || _token.Length > 0;

    private string? Error(string field) => _errors.GetValueOrDefault(field);

    private string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    private async Task DiagnoseAsync()
    {
        if (_busy)
        {
            return;
        }

        (_busy, _errors, _result) = (true, [], null);
        var asked = new DiagnosisRequest(_host, _tenant, _token);
        try
        {
            _result = await diagnosis.DiagnoseAsync(_actor!, asked, Ending);
            _asked = asked with { Token = null };

            // Another one may have been pasted meanwhile.
            _token = _token == asked.Token ? "" : _token;
        }
        catch (InvalidInputException invalid)
        {
            _errors = invalid.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render());
        }
        catch (AlreadyRunningException running)
        {
            // In another window of the same person.
            _errors = new() { ["tenant"] = running.Reason.Render() };
        }
        finally
        {
            _busy = false;
        }
    }
}
