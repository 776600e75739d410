using System.Text.RegularExpressions;

namespace Vigia.Tests.Architecture;

/// <summary>Every form has the one draft rule. See docs/decisions/interface.md#d230.</summary>
public sealed partial class FormTests
{
    // Nothing but secrets, filters of a list, a question or a button is typed into these, or they work without a
    // circuit.
    private static readonly string[] WithoutDraft =
    [
        "App", "Approvals/ApproveDialog", "Approvals/ShowLinkDialog", "Audit/AuditTrailPage",
        "Diagnosis/DiagnosisPage", "MyAccount/AuthenticatorDialog", "MyAccount/PasswordSection",
        "MyAccount/ProofDialog", "Sessions/LockScreen", "Sessions/UnlockPage", "Shared/LanguageSwitch",
        "SignIn/PlainThemeSwitch", "Team/TeamRights", "Welcome/WelcomeDocument",
    ];

    [Fact]
    public void Forms_WithATextField_AreDraftForms()
    {
        var plain = Markup().Where(file => file.Text.Contains("<form", StringComparison.Ordinal))
            .Select(file => file.Name);
        Assert.Equal([.. WithoutDraft.Append("Shared/DraftForm").Order(StringComparer.Ordinal)],
            plain.Order(StringComparer.Ordinal));
        Assert.Equal(["Shared/DraftForm"],
            Markup().Where(file => file.Text.Contains("data-draft=", StringComparison.Ordinal))
                .Select(file => file.Name));

        // A long text is typed into a form, or is only shown.
        Assert.Equal([],
            Markup().Where(file => file.Text.Contains("<textarea", StringComparison.Ordinal)
                && !file.Text.Contains("<DraftForm", StringComparison.Ordinal) && !ReadOnlyText().IsMatch(file.Text))
                .Select(file => file.Name));
    }

    [Fact]
    public void DraftNames_OfTwoForms_Differ()
    {
        var forms = Sources().SelectMany(file => NameOfADraft().Matches(file.Text))
            .SelectMany(match => Literal().Matches(match.Groups[1].Value)).Select(match => match.Value).ToList();

        Assert.True(forms.Count > 25, $"{forms.Count} forms found");
        Assert.Distinct(forms);
    }

    [Fact]
    public void Dialogs_ThatAskForAText_NameTheirDraft()
    {
        var asking = Sources().SelectMany(file => AskingForAText().Matches(file.Text), (file, match) => (file, match))
            .ToList();

        Assert.True(asking.Count > 7, $"{asking.Count} questions found");
        Assert.Equal([], asking.Where(one => !one.match.Value.Contains("Draft =", StringComparison.Ordinal))
            .Select(one => one.file.Name));
    }

    // In a dialog the browser restores the draft. On a page the page does, and says so.
    [Fact]
    public void DraftForms_OutsideADialog_ReadTheirDraft()
    {
        var forms = Markup().Where(file => file.Text.Contains("<DraftForm", StringComparison.Ordinal)
            && !file.Text.Contains("<MudDialog", StringComparison.Ordinal)).ToList();

        Assert.True(forms.Count > 4, $"{forms.Count} forms found");
        Assert.Equal([], forms.Where(form => !ShowingADraft().IsMatch(form.Text)).Select(form => form.Name));
        Assert.Equal([], forms.Where(form => !ReadingADraft().IsMatch(CodeOf(form.Name))).Select(form => form.Name));
    }

    // The draft of the editor is read by the component around it, which opens it.
    private static string CodeOf(string name) => string.Concat(
        Read("*.cs")
            .Where(file => file.Name == (name == "Tenants/TenantEditor" ? "Tenants/TenantSummary" : name) + ".cs")
            .Select(file => file.Text));

    private static IEnumerable<(string Name, string Text)> Markup() => Read("*.razor");

    private static IEnumerable<(string Name, string Text)> Sources() => Read("*.razor").Concat(Read("*.cs"));

    private static IEnumerable<(string Name, string Text)> Read(string pattern) =>
        from file in SourceFiles.Of("Vigia.Portal/Components", pattern)
        let name = SourceFiles.RelativePath(file)["Vigia.Portal/Components/".Length..]
        select (name.Replace(".razor", "", StringComparison.Ordinal), File.ReadAllText(file));

    [GeneratedRegex(@"<textarea[^>]* readonly>")]
    private static partial Regex ReadOnlyText();

    [GeneratedRegex("<DraftForm[^>]* RestoredAt=[^>]* OnDiscarded=|<DraftForm[^>]* OnDiscarded=[^>]* RestoredAt=")]
    private static partial Regex ShowingADraft();

    [GeneratedRegex(@"\b(?:drafts|TenantDraft)\.ReadAsync\(")]
    private static partial Regex ReadingADraft();

    // The form is the first text: DraftName.Of(actor, "form", …), or one of two.
    [GeneratedRegex("""DraftName\.Of\(\s*\w+!?,([^,)]*)""")]
    private static partial Regex NameOfADraft();

    [GeneratedRegex("\"[^\"]+\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{[^{}]*Asks(?:Text|Reason) = [^{}]*\}")]
    private static partial Regex AskingForAText();
}
