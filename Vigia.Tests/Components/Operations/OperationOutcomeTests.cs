using System.Globalization;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Portal.Api;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components.Operations;

/// <summary>The holders that keep an operation waiting, as the page and the API show them.</summary>
public sealed class OperationOutcomeTests : BunitContext
{
    [Fact]
    public void WhatHoldsIt_IsListedOneByOne_WithItsStatement()
    {
        CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("es-PE");
        Services.AddLocalization();
        Services.AddMudServices();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<PageClock>();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Message[] parts = [new("holder_template", "postgres", "ALTER DATABASE \"a\" IS_TEMPLATE false;", "a"),
            new("holder_slot", "a", "SELECT pg_drop_replication_slot('s');", "a", "s")];
        var operation = new Operation
        {
            Kind = new("delete_tenant"), RequestedByName = "Ana", State = OperationState.Waiting,
            Error = new Message("tenant_held", "a") { Parts = parts }
        };

        var shown = Render<OperationOutcome>(p => p.Add(o => o.Operation, operation));

        Assert.Equal(operation.Error.RenderHead(), shown.Find("strong").TextContent);
        Assert.Equal(parts.Select(p => $"{p.Render()} {p.RenderAdvice()}"),
            shown.FindAll("li").Select(li => li.TextContent));
        Assert.All(parts, part =>
            Assert.Contains($"\n• {part.Render()} {part.RenderAdvice()}", OperationAnswer.Of(operation).Error!.Message,
            StringComparison.Ordinal));
    }
}
