using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Components.Adoption;

/// <summary>Shows the result of inspecting a database that could be adopted.</summary>
public sealed partial class AdoptionReportView
{
    [Parameter, EditorRequired]
    public AdoptionReport Report { get; set; } = default!;

    private IEnumerable<(string Key, IReadOnlyList<string> Names)> Lists =>
    [
        ("MissingTables", Report.MissingTables),
        ("MissingColumns", [.. Report.MissingColumns.Select(c => $"{c.Table}.{c.Column}")]),
        ("Different", [.. Report.Different.Select(d =>
            $"{d.Table}.{d.Column} ({d.Found ?? "—"} ≠ {d.Wanted ?? "—"})")]),
        ("ForeignTables", Report.ForeignTables),
        ("ForeignCode", [.. Report.ForeignCode.Select(c => c.Name)]),
        ("LeftOut", Report.LeftOut),
        ("Later", [.. Report.Later.Select(t => t.Table).Distinct()]),
    ];

    private string Connected(ConnectedProgram program) => T[
        "ConnectedOne", program.Role, program.Program,
        program.Sessions.ToString(CultureInfo.CurrentCulture)];

    private string Words(IEnumerable<string> names) =>
        string.Join(", ", names) is { Length: > 0 } words ? words : T["None"].Value;
}
