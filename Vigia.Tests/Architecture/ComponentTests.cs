using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Architecture;

/// <summary>Components take their services in the constructor, as every other class does.</summary>
public sealed partial class ComponentTests
{
    [Fact]
    public void CodeBehind_Services_ComeInTheConstructor()
    {
        var files = SourceFiles.Of("Vigia.Portal", "*.cs").ToList();

        Assert.True(files.Count > 200, $"{files.Count} files found");
        Assert.Equal([], files.Where(file => InjectAttribute().IsMatch(File.ReadAllText(file)))
            .Select(SourceFiles.RelativePath));
    }

    /// <summary>The texts are for the markup. All other services are for the code.</summary>
    [Fact]
    public void MarkupWithCodeBehind_InjectsTextsOnly()
    {
        var wrong =
            from file in SourceFiles.Of("Vigia.Portal", "*.razor")
            where File.Exists(file + ".cs")
            from Match inject in InjectDirective().Matches(File.ReadAllText(file))
            where !inject.Groups[1].Value.StartsWith("IStringLocalizer<", StringComparison.Ordinal)
            select $"{SourceFiles.RelativePath(file)}: {inject.Groups[1].Value}";

        Assert.Equal([], wrong);
    }

    /// <summary>
    /// A call of the browser that is on its way when the connection breaks is never answered. One class knows that.
    /// </summary>
    [Fact]
    public void Browser_Calls_AreInOneClass()
    {
        var callers =
            from type in typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            where type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
                .Any(parameter => parameter.ParameterType == typeof(IJSRuntime))
            select type.Name;

        Assert.Equal([nameof(BrowserCalls)], callers);
    }

    /// <summary>
    /// The framework waits a minute for the browser when it navigates, and ends the circuit without an answer. Pages
    /// without a circuit do not call the browser.
    /// </summary>
    [Fact]
    public void Navigation_OnACircuit_GoesThroughOneClass()
    {
        var navigating =
            from file in SourceFiles.Of("Vigia.Portal", "*.*")
            where Path.GetExtension(file) is ".cs" or ".razor"
                && Navigation().IsMatch(File.ReadAllText(file))
            let name = SourceFiles.RelativePath(file)["Vigia.Portal/Components/".Length..]
            where !name.StartsWith("SignIn/Pages/", StringComparison.Ordinal)
            select name;

        // The first has no circuit. The second leaves the circuit when the session is over.
        Assert.Equal(["Sessions/UnlockPage.razor.cs", "SignIn/RedirectToSignIn.cs"], navigating.Order());
        Assert.Matches(Navigation(), "() => navigation.NavigateTo(PortalUrls.Audit)");
    }

    /// <summary>
    /// A master that is away while a button is pressed must not end the page: <see cref="EndingComponent"/> sees to it.
    /// </summary>
    [Fact]
    public void ComponentsThatCallServices_SurviveAMasterThatIsAway()
    {
        var wrong =
            from type in typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            where typeof(IComponent).IsAssignableFrom(type) && !type.IsAbstract
                && !typeof(EndingComponent).IsAssignableFrom(type)
                && File.Exists(MarkupOf(type)) && Handler().IsMatch(File.ReadAllText(MarkupOf(type)))
                && type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
                    .Any(parameter => IsService(parameter.ParameterType))
            select type.Name;

        // The layout's only handler opens the menu.
        Assert.Equal(["MainLayout"], wrong);
    }

    /// <summary>
    /// <see cref="FormDialog"/> submits once at a time, shows what is refused and survives a master that is away.
    /// </summary>
    [Fact]
    public void Dialogs_WithAForm_DeriveFromFormDialog()
    {
        var dialogs = typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            .Where(type => !type.IsAbstract && IsDialog(type) && type != typeof(DraftForm)).ToList();

        Assert.True(dialogs.Count > 15, $"{dialogs.Count} dialogs found");
        Assert.Equal([], dialogs.Where(type => LacksFormDialog(type, File.ReadAllText(MarkupOf(type))))
            .Select(type => type.Name));
    }

    [Theory]
    [InlineData(typeof(Vigia.Portal.Components.MyAccount.CodesDialog), "<form @onsubmit=\"SaveAsync\">", true)]
    [InlineData(typeof(Vigia.Portal.Components.MyAccount.CodesDialog), "<EditForm Model=\"this\">", true)]
    [InlineData(typeof(Vigia.Portal.Components.MyAccount.CodesDialog), "<p>form</p>", false)]
    [InlineData(typeof(Vigia.Portal.Components.Tenants.RucDialog), "<form @onsubmit=\"SaveAsync\">", false)]
    public void LacksFormDialog_DialogWithAForm_IsFound(Type dialog, string markup, bool expected) =>
        Assert.Equal(expected, LacksFormDialog(dialog, markup));

    private static bool IsDialog(Type type) => type.GetProperties(
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Any(property => property.PropertyType == typeof(IMudDialogInstance));

    private static bool LacksFormDialog(Type dialog, string markup) =>
        !typeof(FormDialog).IsAssignableFrom(dialog)
        && (Form().IsMatch(markup) || dialog.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => IsService(parameter.ParameterType)));

    /// <summary>
    /// A life-cycle method that reads with <c>ReadAsync</c> or <c>FetchAsync</c> waits for a master that is away. Any
    /// other read there would take the page away. A page that is being opened may fail.
    /// </summary>
    [Fact]
    public void LifeCycle_OfEveryComponent_ReadsThroughItsBaseClass()
    {
        var methods =
            from type in typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            where typeof(EndingComponent).IsAssignableFrom(type) && !type.IsAbstract
                && !typeof(IWholePage).IsAssignableFrom(type) && !type.IsDefined(typeof(RouteAttribute), false)
            let code = new[] { MarkupOf(type) + ".cs", Path.ChangeExtension(MarkupOf(type), ".cs") }
                .FirstOrDefault(File.Exists)
            where code is not null
            from Match method in LifeCycle().Matches(File.ReadAllText(code))
            select (type.Name, Text: method.Value);
        var found = methods.ToList();

        Assert.True(found.Count > 40, $"{found.Count} methods found");
        Assert.Equal([], found.Where(method => OwnRead().IsMatch(method.Text)).Select(method => method.Name));
        Assert.Matches(OwnRead(), "_plans = await plans.ListAsync(_actor, Ending);");
    }

    /// <summary>
    /// The components around every page are outside its error boundary: each part has a boundary of its own, and what
    /// follows the master there survives its own errors.
    /// </summary>
    [Fact]
    public void Frame_EveryComponent_HasABoundaryAndKeepsItsLastValue()
    {
        var layout = File.ReadAllText(Path.Combine(
            SourceFiles.Root, "Vigia.Portal", "Components", "Layout", "MainLayout.razor"));
        var menu = File.ReadAllText(Path.Combine(
            SourceFiles.Root, "Vigia.Portal", "Components", "Layout", "NavMenu.razor"));
        var bare = Part().Matches(InABoundary().Replace(layout, "")).Select(part => part.Groups[1].Value);
        var live =
            from type in typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes()
            where typeof(LiveComponent).IsAssignableFrom(type) && !typeof(FrameComponent).IsAssignableFrom(type)
                && Part().Matches(layout + menu).Any(part => part.Groups[1].Value == type.Name)
            select type.Name;

        // The theme has no state. The icons are drawn from constants.
        Assert.Equal(["MudThemeProvider", "MudIcon", "BrandMark", "PageErrorBoundary"], bare);
        Assert.Equal([], live);
    }

    private static bool IsService(Type type) =>
        type.Namespace?.StartsWith("Vigia.Core", StringComparison.Ordinal) == true
        && type.GetMethods().Any(method => typeof(Task).IsAssignableFrom(method.ReturnType));

    private static string MarkupOf(Type type) => Path.Combine(
        SourceFiles.Root, "Vigia.Portal", type.FullName!["Vigia.Portal.".Length..].Replace('.', '/') + ".razor");

    [GeneratedRegex("<(?:form|EditForm|MudForm)\\b")]
    private static partial Regex Form();

    [GeneratedRegex(@"@on\w+=|\bOn(?:Click|Refresh)=")]
    private static partial Regex Handler();

    [GeneratedRegex(
        @"override (?:async )?Task On(?:Initialized|ParametersSet|AfterRender)Async\([^)]*\)"
        + @"(?:\n    \{.*?\n    \}|\s*=>.*?;\n)", RegexOptions.Singleline)]
    private static partial Regex LifeCycle();

    // The browser has its own limits, and drafts and notices are in it.
    [GeneratedRegex(@"(?<!\b(?:browser|drafts|notified)\.\w+(?:<[^;(]*>)?\([^;]*)(?<!\(drafts,[^;]*)\bEnding\)")]
    private static partial Regex OwnRead();

    [GeneratedRegex(@"(?<!\w)<([A-Z]\w+)")]
    private static partial Regex Part();

    [GeneratedRegex(@"<FrameBoundary\b[^>]*>.*?</FrameBoundary>", RegexOptions.Singleline)]
    private static partial Regex InABoundary();

    [GeneratedRegex(@"\.(?:NavigateTo|Refresh)\(")]
    private static partial Regex Navigation();

    [GeneratedRegex(@"\[(?:[\w.]+, )*Inject(?:Attribute)?(?:\(|\]|,)")]
    private static partial Regex InjectAttribute();

    [GeneratedRegex(@"^@inject (\S+)", RegexOptions.Multiline)]
    private static partial Regex InjectDirective();
}
