using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Audit;

/// <summary>
/// Verifies the audit chain with visible progress, and optionally against a head that was kept elsewhere.
/// </summary>
public sealed partial class AuditVerifyPanel(AuditVerifier verifier, AuditChecks checks)
{
    private readonly LatestRead _reading = new();
    private AuditCheck? _last;
    private string? _refused;
    private CancellationTokenSource? _walk;
    private AuditVerdict? _verdict;
    private string _kept = "";
    private string? _keptError;
    private bool _running;
    private long _read;
    private long _total;
    private int _percent;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => ReadLastAsync();

    protected override void Leave() => _walk?.Dispose();

    private static string Number(long value) => value.ToString("N0", CultureInfo.CurrentCulture);

    private void Stop() => _walk?.Cancel();

    private async Task VerifyAsync()
    {
        if (!TryReadKept(out var kept))
        {
            return;
        }

        var until = Newest(ref _walk);
        _refused = null;
        (_running, _read, _total, _percent, _verdict) = (true, 0, 0, 0, null);
        try
        {
            // Runs off the circuit's synchronization context, so that the page stays responsive while a million rows
            // are read.
            var progress = new Progress<(long Read, long Total)>(Show);
            _verdict = await Task.Run(() => verifier.VerifyAsync(Actor, kept, progress, until), until);
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            _verdict = null;
        }
        catch (AlreadyRunningException refusal)
        {
            _refused = PageNotices.TextOf(refusal);
        }
        finally
        {
            _running = false;
        }

        await ReadLastAsync();
    }

    private Task ReadLastAsync() => ReadAsync(_reading, until => checks.LastAsync(Actor, until), last => _last = last);

    private void Show((long Read, long Total) step)
    {
        var percent = step.Total == 0 ? 0 : (int)(100 * step.Read / step.Total);
        (_read, _total) = step;
        if (percent != _percent)
        {
            _percent = percent;
            _ = InvokeAsync(StateHasChanged);
        }
    }

    private bool TryReadKept(out AuditHeadMark? kept)
    {
        (kept, _keptError) = (null, null);
        if (string.IsNullOrWhiteSpace(_kept))
        {
            return true;
        }

        // The format in which the portal offers the head for copying: number, space, hash.
        if (_kept.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var seq, { Length: 64 } hash]
            && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                && hash.All(char.IsAsciiHexDigit))
        {
            kept = new AuditHeadMark(number, hash);
            return true;
        }

        _keptError = T["KeptWrong"];
        return false;
    }
}
